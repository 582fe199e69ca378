import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { aContentSource } from '../../testing/memory-content-sources.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpContentSource } from '../../wire/pulp/content-source.ts'

function withSources(): PulpServer {
  const server = new PulpServer()
  const entries = { enabled: '1', type: 'yum', base_url: 'http://ann:geheim@near/', proxy_password: 'geheim' }
  server.contentSources.all.push(aContentSource('near', 'http://near/', { entries }))
  server.contentSources.all.push(aContentSource('off', 'http://off/', { enabled: false }))
  return server
}

describe('/content/sources/', () => {
  it('shows what the files declare, without a password', async () => {
    const server = withSources()
    const { json, text } = await server.call('GET', 'content/sources/')
    assert.ok(json.every((source: unknown) => Value.Check(PulpContentSource, source)))
    assert.doesNotMatch(text, /geheim/)
    const one = await server.call('GET', 'content/sources/near/')
    assert.deepEqual([one.json, one.json.base_url], [json[0], 'http://ann:*****@near/'])
    const none = await server.call('GET', 'content/sources/no/')
    assert.deepEqual([none.status, none.json.resources], [404, { source_id: 'no' }])
  })

  it('queues the reading of one, or of all that are enabled', async () => {
    const server = withSources()
    const all = await server.call('POST', 'content/sources/action/refresh/')
    const one = await server.call('POST', 'content/sources/off/action/refresh/', {})
    const tags = []
    for (const { json } of [all, one]) {
      const report = await server.call('GET', `tasks/${json.spawned_tasks[0].task_id}/`)
      tags.push([...report.json.tags, report.json.task_type])
    }
    assert.deepEqual(tags, [
      [
        'pulp:action:refresh_all_content_sources',
        'pulp:content_source:near',
        'pulp.server.tasks.content.refresh_content_sources',
      ],
      [
        'pulp:action:refresh_content_source',
        'pulp:content_source:off',
        'pulp.server.tasks.content.refresh_content_source',
      ],
    ])
    assert.equal((await server.call('POST', 'content/sources/no/action/refresh/')).status, 404)
    for (const path of ['action/x/', 'near/action/x/']) {
      assert.equal((await server.call('POST', `content/sources/${path}`)).status, 400)
    }
  })

  it('says how many entries a deleted catalog had, none for one that is not there', async () => {
    const server = withSources()
    assert.deepEqual((await server.call('DELETE', 'content/catalog/near/')).json, { deleted: 3 })
    assert.deepEqual((await server.call('DELETE', 'content/catalog/no/')).json, { deleted: 0 })
  })
})

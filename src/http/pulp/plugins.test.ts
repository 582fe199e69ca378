import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpContentType } from '../../wire/pulp/plugin.ts'

describe('The plugins', () => {
  it('show their content types', async () => {
    const server = new PulpServer()
    const list = await server.call('GET', 'plugins/types/')
    assert.equal(Value.Check(PulpContentType, list.json[0]), true)
    const { _id, ...type } = list.json[0]
    assert.deepEqual(type, {
      _ns: 'content_types',
      _href: '/pulp/api/v2/plugins/types/stub/',
      id: 'stub',
      display_name: 'Stub',
      description: 'A stub',
      unit_key: ['name', 'version'],
      search_indexes: ['name', ['name', 'version']],
      referenced_types: [],
    })
    assert.deepEqual((await server.call('GET', 'plugins/types/stub/')).json, list.json[0])
  })

  it('show what can be attached', async () => {
    const server = new PulpServer()
    for (const kind of ['importer', 'distributor']) {
      const part = {
        _href: `/pulp/api/v2/plugins/${kind}s/stub_${kind}/`,
        id: `stub_${kind}`,
        display_name: kind === 'importer' ? 'Stub Importer' : 'Stub Distributor',
        types: ['stub'],
      }
      assert.deepEqual((await server.call('GET', `plugins/${kind}s/`)).json, [part])
      assert.deepEqual((await server.call('GET', `plugins/${kind}s/stub_${kind}/`)).json, part)
    }
  })

  it('are missing by the name that Pulp gives the look-up', async () => {
    const server = new PulpServer()
    const names = { types: 'type', importers: 'importer_type_id', distributors: 'distributor_type_id' }
    for (const [kind, name] of Object.entries(names)) {
      const answer = await server.call('GET', `plugins/${kind}/nope/`)
      assert.deepEqual([answer.status, answer.json.resources], [404, { [name]: 'nope' }])
    }
  })
})

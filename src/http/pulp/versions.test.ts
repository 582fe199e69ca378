import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import type { DescribedVersion } from '../../core/version-history.ts'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpRepositoryVersion, PulpUnitChange } from '../../wire/pulp/repository-version.ts'

const created = new Date('2026-03-04T05:06:07.890Z')

function version(number: number, more: Partial<DescribedVersion> = {}): DescribedVersion {
  return {
    number,
    created,
    counts: { thing: number },
    fileBytes: 5,
    pruned: false,
    latest: false,
    publications: [],
    ...more,
  }
}

describe('the versions of a repository', () => {
  const server = new PulpServer()
  const publication = { distributorId: 'web', basePath: '/pulp/repos/zoo', liveFrom: created, supersededAt: null }
  server.versions.versions.set('zoo', [version(2, { latest: true, publications: [publication] }), version(1)])

  it('are listed and shown with what was published of each', async () => {
    const list = await server.call('GET', 'repositories/zoo/versions/')
    assert.equal(list.status, 200)
    for (const entry of list.json) assert.ok(Value.Check(PulpRepositoryVersion, entry), JSON.stringify(entry))
    const one = await server.call('GET', 'repositories/zoo/versions/2/')
    assert.deepEqual(one.json, list.json[0])
    assert.deepEqual(one.json, {
      _href: '/pulp/api/v2/repositories/zoo/versions/2/',
      repo_id: 'zoo',
      version: 2,
      created: '2026-03-04T05:06:07Z',
      latest: true,
      pruned: false,
      content_unit_counts: { thing: 2 },
      file_bytes: 5,
      publications: [
        { distributor_id: 'web', path: '/pulp/repos/zoo', live_from: '2026-03-04T05:06:07.890Z', superseded_at: null },
      ],
    })
  })

  it('are compared by the keys of their units', async () => {
    const metadata = { name: 'bear', version: '1', colour: 'brown' }
    server.versions.changed = [
      { kind: 'added', type: 'stub', wireId: 'id-1', metadata },
      { kind: 'changed', type: 'stub', wireId: 'id-2', metadata: {} },
      { kind: 'removed', type: 'unknown', wireId: 'id-3', metadata },
    ]
    const { status, json } = await server.call('GET', 'repositories/zoo/versions/1/diff/2/')
    assert.equal(status, 200)
    for (const entry of json) assert.ok(Value.Check(PulpUnitChange, entry), JSON.stringify(entry))
    assert.deepEqual(json, [
      { change: 'added', type_id: 'stub', unit_id: 'id-1', unit_key: { name: 'bear', version: '1' } },
      { change: 'changed', type_id: 'stub', unit_id: 'id-2', unit_key: { name: null, version: null } },
      { change: 'removed', type_id: 'unknown', unit_id: 'id-3', unit_key: {} },
    ])
    assert.deepEqual(server.versions.compared, [[1, 2]])
  })

  it('are 404 where there is none, be it no number at all', async () => {
    for (const path of [
      'missing/versions/',
      'missing/versions/1/',
      'zoo/versions/3/',
      'zoo/versions/x/',
      'zoo/versions/-1/',
    ]) {
      assert.equal((await server.call('GET', `repositories/${path}`)).status, 404, path)
    }
    for (const path of ['2/diff/9/', '9/diff/2/', '2/diff/99999999999/', '1.5/diff/2/']) {
      assert.equal((await server.call('GET', `repositories/zoo/versions/${path}`)).status, 404, path)
    }
  })
})

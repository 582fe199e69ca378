import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpPublishHistoryEntry, PulpSyncHistoryEntry } from '../../wire/pulp/history.ts'

const started = new Date('2016-04-29T16:27:17.25Z')
const completed = new Date('2016-04-29T16:27:18Z')

async function serverWithHistory() {
  const server = new PulpServer()
  const distributor = { id: 'web', type: 'stub_distributor', config: {}, autoPublish: true }
  await server.repositories.create({ id: 'zoo', displayName: null, description: null, notes: {} }, undefined, [
    distributor,
  ])
  const run = { repositoryId: 'zoo', started, completed, error: null, summary: { state: 'FINISHED' }, details: {} }
  await server.histories.addSync({
    ...run,
    importerType: 'stub_importer',
    result: 'success',
    added: 14,
    updated: 0,
    removed: 2,
  })
  await server.histories.addSync({
    ...run,
    started: new Date('2016-05-01T00:00:00Z'),
    importerType: 'stub_importer',
    result: 'error',
    added: null,
    updated: null,
    removed: null,
    summary: null,
    details: null,
    error: { kind: 'internal', message: 'at http://me:pw@host/', details: {}, trace: 'Error: x\n    at y (z:1:1)' },
  })
  await server.histories.addPublish({
    ...run,
    distributorId: 'web',
    distributorType: 'stub_distributor',
    result: 'skipped',
    summary: 'nothing changed',
    details: null,
  })
  return server
}

describe('The history of a repository', () => {
  it('lists syncs, latest first', async () => {
    const { json } = await (await serverWithHistory()).call('GET', 'repositories/zoo/history//sync/')
    assert.ok(json.every((entry: unknown) => Value.Check(PulpSyncHistoryEntry, entry)))
    assert.deepEqual(json[1], {
      _id: { $oid: '57238b650005000000000001' },
      id: '57238b650005000000000001',
      _ns: 'repo_sync_results',
      repo_id: 'zoo',
      importer_id: 'stub_importer',
      importer_type_id: 'stub_importer',
      started: '2016-04-29T16:27:17Z',
      completed: '2016-04-29T16:27:18Z',
      result: 'success',
      added_count: 14,
      updated_count: 0,
      removed_count: 2,
      summary: { state: 'FINISHED' },
      details: {},
      error_message: null,
      exception: null,
      traceback: null,
    })
  })

  it('tells why a sync broke, without secrets', async () => {
    const { json } = await (await serverWithHistory()).call('GET', 'repositories/zoo/history/sync/?limit=1')
    assert.equal(json.length, 1)
    assert.deepEqual([json[0].result, json[0].added_count, json[0].summary], ['error', null, null])
    assert.equal(json[0].error_message, 'at http://me:*****@host/')
    assert.equal(json[0].exception, 'internal: at http://me:*****@host/')
    assert.deepEqual(json[0].traceback, ['Error: x', '    at y (z:1:1)'])
  })

  it('lists publishes of one distributor', async () => {
    const { json } = await (await serverWithHistory()).call('GET', 'repositories/zoo/history/publish/web/')
    assert.ok(Value.Check(PulpPublishHistoryEntry, json[0]))
    assert.deepEqual(
      [json[0].result, json[0].summary, json[0].distributor_type_id],
      ['skipped', 'nothing changed', 'stub_distributor'],
    )
    assert.ok(!('added_count' in json[0]))
  })

  it('is sorted and bounded by the query, dates inclusive', async () => {
    const server = await serverWithHistory()
    const results = async (query: string) =>
      (await server.call('GET', `repositories/zoo/history/sync/?${query}`)).json.map(
        (entry: { result: string }) => entry.result,
      )
    assert.deepEqual(await results('sort=ascending'), ['success', 'error'])
    assert.deepEqual(await results('start_date=2016-05-01T00:00:00Z'), ['error'])
    assert.deepEqual(await results('end_date=2016-05-01T00:00:00Z&sort=ascending'), ['success', 'error'])
    assert.deepEqual(await results('end_date=2016-04-30T00:00:00Z'), ['success'])
    // As the entry prints it, without its quarter of a second.
    assert.deepEqual(await results('end_date=2016-04-29T16:27:17Z'), ['success'])
    assert.deepEqual(await results('start_date=2016-04-29T16:27:17.5Z&end_date=2016-04-29T16:27:17Z'), ['success'])
    assert.deepEqual(await results('end_date=2016-04-29T16:27:16Z'), [])
  })

  it('names every parameter that is wrong', async () => {
    const server = await serverWithHistory()
    const query = 'limit=0&sort=up&start_date=2016-01-01&end_date=x'
    const answer = await server.call('GET', `repositories/zoo/history/sync/?${query}`)
    assert.deepEqual([answer.status, answer.json.property_names], [400, ['limit', 'sort', 'start_date', 'end_date']])
    for (const limit of ['-1', '1.5', 'many', '']) {
      const one = await server.call('GET', `repositories/zoo/history/publish/web/?limit=${limit}`)
      assert.deepEqual([one.status, one.json.property_names], [400, ['limit']], limit)
    }
  })

  it('is missing with its repository or distributor', async () => {
    const server = await serverWithHistory()
    assert.equal((await server.call('GET', 'repositories/nope/history/sync/')).status, 404)
    assert.equal((await server.call('GET', 'repositories/zoo/history/publish/nope/')).status, 404)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpSchedule } from '../../wire/pulp/schedule.ts'

const sync = 'repositories/zoo/importers/stub_importer/schedules/sync/'
const publish = 'repositories/zoo/distributors/web/schedules/publish/'
const bases = [sync, publish]

async function zoo() {
  const server = new PulpServer()
  const importer = { type: 'stub_importer', config: {} }
  const distributors = ['web', 'other'].map((id) => ({ id, type: 'stub_distributor', config: {}, autoPublish: false }))
  const repository = { id: 'zoo', displayName: 'zoo', description: null, notes: {} }
  await server.repositories.create(repository, importer, distributors)
  await server.repositories.create({ ...repository, id: 'bare' }, undefined, [])
  const make = async (base: string, body: object = {}) => {
    const answer = await server.call('POST', base, { schedule: 'PT1H', ...body })
    assert.equal(answer.status, 201)
    return answer.json
  }
  return { server, make }
}

const namesOf = (answer: { status: number; json: { property_names?: unknown; error: { code: string } } }) => [
  answer.status,
  answer.json.error.code,
  answer.json.property_names,
]

describe('A schedule', () => {
  it('is made as the written API shows it, for a sync and for a publish', async () => {
    const { server } = await zoo()
    const body = { override_config: {}, schedule: '00:00:00Z/P1DT', failure_threshold: 3 }
    const answers = await Promise.all(bases.map((base) => server.call('POST', base, body)))
    for (const [index, { status, headers, json }] of answers.entries()) {
      assert.deepEqual([status, headers.location], [201, json._href])
      assert.equal(json._href, `/pulp/api/v2/${bases[index]}${json._id}/`)
      assert.ok(Value.Check(PulpSchedule, json))
      assert.equal(json.next_run, json.first_run)
      assert.ok(json.first_run.endsWith('T00:00:00Z'))
      assert.deepEqual((await server.call('GET', json._href)).json, json)
    }
    const calls = answers.map(({ json }) => [json.task, json.args, json.resource, json.kwargs.overrides])
    assert.deepEqual(calls, [
      ['pulp.server.tasks.repository.sync_with_auto_publish', ['zoo'], 'pulp:importer:zoo:stub_importer', {}],
      ['pulp.server.tasks.repository.publish', ['zoo', 'web'], 'pulp:distributor:zoo:web', {}],
    ])
  })

  it('has defaults for all but its interval', async () => {
    const { make } = await zoo()
    const before = Math.floor(Date.now() / 1000) * 1000
    const { _id, _href, first_run, next_run, last_updated, kwargs, ...rest } = await make(sync)
    assert.ok(Date.parse(first_run) >= before && Date.parse(next_run) >= Date.parse(first_run))
    assert.equal(last_updated, 1461943552)
    assert.deepEqual(kwargs, { overrides: {}, scheduled_call_id: _id })
    assert.deepEqual(rest, {
      schedule: 'PT1H',
      task: 'pulp.server.tasks.repository.sync_with_auto_publish',
      args: ['zoo'],
      resource: 'pulp:importer:zoo:stub_importer',
      enabled: true,
      last_run_at: null,
      total_run_count: 0,
      remaining_runs: null,
      failure_threshold: null,
      consecutive_failures: 0,
    })
  })

  it('tells how often it ran and will run', async () => {
    const { server, make } = await zoo()
    const { _href } = await make(sync, { schedule: 'R5/2012-09-22T00:00:00Z/P1D' })
    const ran = { lastRun: new Date('2016-04-29T00:00:00.5Z'), totalRuns: 2, remainingRuns: 3, consecutiveFailures: 1 }
    server.schedules.alter(1, ran)
    const { json } = await server.call('GET', _href)
    const { first_run, last_run_at, total_run_count, remaining_runs, consecutive_failures, next_run } = json
    assert.deepEqual([first_run, last_run_at], ['2012-09-22T00:00:00Z', '2016-04-29T00:00:00Z'])
    assert.deepEqual([total_run_count, remaining_runs, consecutive_failures], [2, 3, 1])
    assert.ok(next_run.endsWith('T00:00:00Z') && Date.parse(next_run) > Date.now())
  })

  it('is listed with the others of its importer or distributor, and nobody else’s', async () => {
    const { server, make } = await zoo()
    const made = [await make(sync), await make(sync)]
    const published = await make(publish)
    const idsOf = async (base: string) => (await server.call('GET', base)).json.map((one: PulpSchedule) => one._id)
    assert.deepEqual(
      await idsOf(sync),
      made.map(({ _id }) => _id),
    )
    assert.deepEqual(await idsOf(publish), [published._id])
    assert.equal((await server.call('GET', 'repositories/zoo/distributors/other/schedules/publish/')).text, '[]')
  })

  it('is named by its importer or distributor, alone, in lists, with the repository and in searches', async () => {
    const { server, make } = await zoo()
    const [synced, published] = [[(await make(sync))._href], [(await make(publish))._href]]
    const importer = await server.call('GET', 'repositories/zoo/importers/stub_importer/')
    assert.deepEqual(importer.json.scheduled_syncs, synced)
    const list = await server.call('GET', 'repositories/zoo/distributors/')
    const schedulesOf = (all: readonly { id: string; scheduled_publishes: unknown }[]) =>
      all.map(({ id, scheduled_publishes }) => [id, scheduled_publishes]).sort()
    const expected = [
      ['other', []],
      ['web', published],
    ]
    assert.deepEqual(schedulesOf(list.json), expected)
    const { json } = await server.call('GET', 'repositories/?details=true')
    const repository = json.find(({ id }: { id: string }) => id === 'zoo')
    assert.deepEqual(repository.importers[0].scheduled_syncs, synced)
    assert.deepEqual(schedulesOf(repository.distributors), expected)
    const found = await server.call('POST', 'distributors/search/', { criteria: {} })
    assert.deepEqual(schedulesOf(found.json), expected)
  })

  it('is changed by the members that are sent, and keeps the others', async () => {
    const { server, make } = await zoo()
    const made = await make(publish, { override_config: { http: true }, failure_threshold: 3 })
    const path = made._href
    assert.deepEqual((await server.call('PUT', path)).json.kwargs, made.kwargs)
    const disabled = await server.call('PUT', path, { enabled: false })
    assert.deepEqual([disabled.status, disabled.json.enabled, disabled.json.failure_threshold], [200, false, 3])
    const change = {
      schedule: 'R2/2030-01-31T00:00:00Z/P1M',
      override_config: { https: true },
      failure_threshold: null,
    }
    const { json } = await server.call('PUT', path, change)
    assert.ok(Value.Check(PulpSchedule, json))
    assert.deepEqual([json.schedule, json.failure_threshold, json.enabled], [change.schedule, null, false])
    assert.deepEqual([json.kwargs.overrides, json.remaining_runs], [{ https: true }, 2])
    assert.deepEqual([json.first_run, json.next_run], ['2030-01-31T00:00:00Z', '2030-01-31T00:00:00Z'])
    assert.deepEqual((await server.call('GET', path)).json, json)
  })

  it('may be changed by those who may create, as written, and by those who may update, as it was', async () => {
    for (const [operation, status] of [
      ['create', 200],
      ['update', 200],
      ['read', 401],
      ['execute', 401],
    ] as const) {
      const { server, make } = await zoo()
      const { _href } = await make(sync)
      const grant = { login: 'guest', resource: '/v2/repositories/zoo/', operations: [operation] }
      await server.access.grants.give(grant)
      const answer = await server.call('PUT', _href, { enabled: false }, { authorization: 'guest' })
      assert.equal(answer.status, status, operation)
    }
  })

  it('is deleted with the answer null', async () => {
    const { server, make } = await zoo()
    for (const base of bases) {
      const { _id, _href } = await make(base)
      const answer = await server.call('DELETE', _href)
      assert.deepEqual([answer.status, answer.text], [200, 'null'])
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        const gone = await server.call(method, _href)
        assert.deepEqual([gone.status, gone.json.resources], [404, { schedule_id: _id }])
      }
    }
  })

  it('never shows the secrets of its overrides, and keeps those that come back as their mask', async () => {
    const { server, make } = await zoo()
    const secret = { basic_auth_password: 'hush', feed: 'http://me:hush@host/' }
    const made = await make(sync, { override_config: secret })
    const shown = { basic_auth_password: '*****', feed: 'http://me:*****@host/' }
    assert.deepEqual(made.kwargs.overrides, shown)
    const { json } = await server.call('PUT', made._href, { override_config: { ...shown, more: 1 } })
    assert.deepEqual(json.kwargs.overrides, { ...shown, more: 1 })
    const importer = await server.repositories.importer('zoo')
    const [stored] = await server.schedules.list({ importer: importer?.key ?? 0 })
    assert.deepEqual(stored?.overrides, { ...secret, more: 1 })
  })

  it('is refused without an interval that can be read', async () => {
    const { server, make } = await zoo()
    const wrong = ['', 'daily', 'R0/P1D', 'P1M', 'PT0S', '2016-01-01T00:00:00Z', null, 3600, ['P1D']]
    const bodies = [{}, ...wrong.map((schedule) => ({ schedule }))]
    for (const base of bases) {
      for (const body of bodies) {
        const answer = await server.call('POST', base, body)
        assert.deepEqual(namesOf(answer), [400, 'PLP0015', ['schedule']], JSON.stringify(body))
      }
      const { _href } = await make(base)
      for (const schedule of wrong) {
        const answer = await server.call('PUT', _href, { schedule })
        assert.deepEqual(namesOf(answer), [400, 'PLP0015', ['iso_schedule']], JSON.stringify(schedule))
      }
    }
  })

  it('is refused with other wrong values, which are all named', async () => {
    const { server, make } = await zoo()
    const { _href } = await make(sync)
    const wrong = { override_config: [], failure_threshold: 0, enabled: 'yes' }
    for (const [method, path] of [
      ['POST', sync],
      ['PUT', _href],
    ] as const) {
      const answer = await server.call(method, path, { schedule: 'P1D', ...wrong })
      assert.deepEqual(namesOf(answer), [400, 'PLP0015', Object.keys(wrong)])
      for (const value of ['3', -1, 1.5, 2 ** 31, true]) {
        const refused = await server.call(method, path, { schedule: 'P1D', failure_threshold: value })
        assert.deepEqual(namesOf(refused), [400, 'PLP0015', ['failure_threshold']], String(value))
      }
      const none = await server.call(method, path, { schedule: 'P1D', enabled: null })
      assert.deepEqual(namesOf(none), [400, 'PLP0015', ['enabled']])
    }
  })

  it('is refused with members that it does not have, its counters among them', async () => {
    const { server, make } = await zoo()
    const { _href } = await make(sync)
    for (const [method, path] of [
      ['POST', sync],
      ['PUT', _href],
    ] as const) {
      for (const name of ['remaining_runs', 'next_run', 'iso_schedule', 'other']) {
        const { status, json } = await server.call(method, path, { schedule: 'P1D', [name]: 1 })
        assert.deepEqual([status, json.error.code], [400, 'PLP0017'])
        assert.deepEqual(json.unsupported_property_names, [name])
      }
    }
  })

  it('is refused in a body that is no object, and made only with a body', async () => {
    const { server } = await zoo()
    for (const body of ['[]', '"P1D"', 'null']) {
      const { status, json } = await server.call('POST', sync, body)
      assert.deepEqual([status, json.error.code], [400, 'PLP1015'], body)
    }
    const empty = await server.call('POST', sync)
    assert.deepEqual([empty.status, empty.json.error.code], [400, 'PLP1009'])
  })

  it('is missing where repository, importer or distributor are', async () => {
    const { server, make } = await zoo()
    const { _id } = await make(sync)
    const cases = {
      'repositories/nope/importers/stub_importer/schedules/sync/': { repository: 'nope' },
      'repositories/zoo/importers/other_importer/schedules/sync/': { importer_id: 'other_importer' },
      'repositories/bare/importers/stub_importer/schedules/sync/': { importer_id: 'stub_importer' },
      'repositories/nope/distributors/web/schedules/publish/': { repository: 'nope' },
      'repositories/zoo/distributors/none/schedules/publish/': { repo_id: 'zoo', distributor_id: 'none' },
    }
    for (const [base, resources] of Object.entries(cases)) {
      const calls = [
        await server.call('GET', base),
        await server.call('POST', base, { schedule: 'P1D' }),
        await server.call('GET', `${base}${_id}/`),
        await server.call('PUT', `${base}${_id}/`, { enabled: true }),
        await server.call('DELETE', `${base}${_id}/`),
      ]
      for (const { status, json } of calls) assert.deepEqual([status, json.resources], [404, resources], base)
    }
  })

  it('is missing under another owner, and under what is no id', async () => {
    const { server, make } = await zoo()
    const { _id } = await make(sync)
    const sameRow = `${_id.slice(0, 7)}f${_id.slice(8)}`
    const sameRowOfTask = `${_id.slice(0, 8)}0004${_id.slice(12)}`
    for (const id of [
      'x',
      '52e6d29edd01fb70bd0d9c37',
      sameRow,
      sameRowOfTask,
      _id.toUpperCase().replace('A', 'a'),
      `${_id}0`,
    ]) {
      if (id === _id) continue
      const { status, json } = await server.call('GET', `${sync}${id}/`)
      assert.deepEqual([status, json.resources], [404, { schedule_id: id }], id)
    }
    assert.equal((await server.call('GET', `${publish}${_id}/`)).status, 404)
  })
})

import assert from 'node:assert/strict'
import { before, beforeEach, it } from 'node:test'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { unitKeyHash, unitWireId } from '../../../core/unit.ts'
import { onEachDatabase } from '../../../testing/databases.ts'
import { addUnits } from '../../../testing/draft-bench.ts'
import { runningTask } from '../../../testing/fences.ts'
import { aBuild, anErratumUnit, aPackageUnit, type BuildOf } from '../../../testing/package-units.ts'
import { type PulpDatabaseServer, sharedPulpApi } from '../../../testing/pulp-database-server.ts'
import { temporaryFolder } from '../../../testing/temporary-folder.ts'
import { openWorkBench, type WorkBench } from '../../../testing/work-bench.ts'

const idOf = ({ type, key }: DiscoveredUnit) => unitWireId(unitKeyHash(type, key))

const bear2 = aPackageUnit(aBuild('bear', '2'))
const bear3 = aPackageUnit(aBuild('bear', '3'))
const lion2 = aPackageUnit(aBuild('lion', '2'))
const bearAdvice = anErratumUnit('A-1', [aBuild('bear', '3'), aBuild('wolf', '1')])
const lionAdvice = anErratumUnit('A-2', [aBuild('lion', '2')])

onEachDatabase('Applicability in the Pulp API', (fresh) => {
  const api = sharedPulpApi(fresh)
  const call: PulpDatabaseServer['call'] = (...request) => api().call(...request)
  let bench: WorkBench
  before(async () => {
    bench = await openWorkBench(api().services.opened, await temporaryFolder())
  })

  beforeEach(async () => {
    for (const table of ['consumer', 'repository', 'binding', 'task'] as const)
      await api().services.opened.database.deleteFrom(table).execute()
    await repository('zoo', bear2, bear3, bearAdvice)
    await repository('park', lion2, lionAdvice)
    await consumer('east', [aBuild('bear', '1'), aBuild('lion', '1')], 'zoo', 'park')
    await consumer('west', [aBuild('bear', '1'), aBuild('lion', '1')], 'zoo', 'park')
    await consumer('north', [aBuild('bear', '2')], 'zoo')
    await consumer('bare', [], 'zoo')
    await consumer('alone', [aBuild('bear', '1')])
  })

  async function repository(id: string, ...units: readonly DiscoveredUnit[]) {
    const web = { distributor_id: 'web', distributor_type_id: 'yum_distributor' }
    const distributor_config = { relative_url: id, http: true, https: false }
    await call('POST', 'repositories/', { id, distributors: [{ ...web, distributor_config }] })
    await put(id, ...units)
  }

  async function put(id: string, ...units: readonly DiscoveredUnit[]) {
    const { versions, opened } = api().services
    const draft = await versions.open(id, await runningTask(opened.database))
    await addUnits(draft, units)
    await draft.commit()
  }

  async function consumer(id: string, installed: readonly BuildOf[], ...repositories: readonly string[]) {
    // By the API each would cost a key.
    const nothing = { displayName: null, description: null, notes: {}, publicKey: null }
    await api().services.consumers.create({ id, ...nothing }, 'admin')
    await install(id, installed)
    const web = { distributor_id: 'web', notify_agent: false }
    for (const repo_id of repositories) await call('POST', `consumers/${id}/bindings/`, { ...web, repo_id })
  }

  const install = (id: string, installed: readonly BuildOf[]) =>
    call('PUT', `consumers/${id}/profiles/rpm/`, { profile: installed })

  /** Runs what waits for a worker, in order. */
  async function work() {
    const { database } = api().services.opened
    const columns = ['id', 'task_id', 'operation', 'arguments', 'tags', 'resources'] as const
    const waiting = database
      .selectFrom('task')
      .select(columns)
      .where('state', '=', 'waiting')
      .where('agent', 'is', null)
    const tasks = await waiting.orderBy('id').execute()
    for (const task of tasks) {
      const { id: _, task_id: __, ...order } = task
      await bench.run(order)
      await database.updateTable('task').set({ state: 'finished' }).where('id', '=', task.id).execute()
    }
    return tasks
  }

  const everything = { repo_criteria: {} }
  const regenerate = (body: object = everything, path = 'repositories/') =>
    call('POST', `${path}actions/content/regenerate_applicability/`, body)

  async function reports(body: object = { criteria: {} }) {
    const { status, json } = await call('POST', 'consumers/content/applicability/', body)
    assert.equal(status, 200, JSON.stringify(json))
    const sorted = (lists: Record<string, string[]>) =>
      Object.fromEntries(Object.entries(lists).map(([type, ids]) => [type, ids.toSorted()]))
    return json.map(
      ({ consumers, applicability }: { consumers: string[]; applicability: Record<string, string[]> }) => [
        consumers.join(),
        sorted(applicability),
      ],
    )
  }

  const ids = (...units: readonly DiscoveredUnit[]) => units.map(idOf).sort()
  const inBoth = { erratum: ids(bearAdvice, lionAdvice), rpm: ids(bear2, bear3, lion2) }
  const all = [
    ['bare', { erratum: [], rpm: [] }],
    ['east,west', inBoth],
    ['north', { erratum: ids(bearAdvice), rpm: ids(bear3) }],
  ]

  it('is told of consumers with equal profiles and bindings together, once it was made', async () => {
    assert.deepEqual(await reports(), [])
    const queued = await regenerate()
    assert.deepEqual([queued.status, queued.json.result, queued.json.error], [202, null, null])
    const [{ task_id }] = queued.json.spawned_tasks
    const report = (await call('GET', `tasks/${task_id}/`)).json
    const task_type = 'pulp.server.managers.consumer.applicability.regenerate_applicability_for_repos'
    assert.deepEqual([report.task_type, report.tags], [task_type, ['pulp:action:content_applicability_regeneration']])
    await work()
    assert.deepEqual(await reports(), all)
  })

  it('is told of the consumers and the types that are asked for', async () => {
    await regenerate()
    await work()
    const some = { filters: { id: { $in: ['east', 'north', 'alone'] } } }
    assert.deepEqual(await reports({ criteria: some, content_types: ['erratum', 'srpm'] }), [
      ['east', { erratum: ids(bearAdvice, lionAdvice) }],
      ['north', { erratum: ids(bearAdvice) }],
    ])
    assert.deepEqual(await reports({ criteria: {}, content_types: [] }), [])
    assert.deepEqual(await reports({ criteria: {}, content_types: null }), all)
  })

  it('is made of the repositories that are chosen, and stays as it is until it is made again', async () => {
    await regenerate({ repo_criteria: { filters: { id: 'park' } } })
    await work()
    assert.deepEqual(await reports(), [['east,west', { erratum: ids(lionAdvice), rpm: ids(lion2) }]])
    const lion3 = aPackageUnit(aBuild('lion', '3'))
    await put('park', lion3)
    assert.deepEqual((await reports())[0][1].rpm, ids(lion2))
    await regenerate({ repo_criteria: { filters: { id: 'park' } } })
    await work()
    assert.deepEqual((await reports())[0][1].rpm, ids(lion2, lion3))
  })

  it('is made for the consumers that are chosen, and for one without waiting for others', async () => {
    const consumers = { consumer_criteria: { filters: { id: { $in: ['north', 'alone'] } } } }
    const queued = await regenerate(consumers, 'consumers/')
    const [task] = await work()
    assert.deepEqual(task?.resources, ['repository_profile_applicability:RESOURCE_ANY_ID'])
    const [{ task_id }] = queued.json.spawned_tasks
    const task_type = 'pulp.server.managers.consumer.applicability.regenerate_applicability_for_consumers'
    const report = (await call('GET', `tasks/${task_id}/`)).json
    assert.deepEqual([report.task_type, report.tags], [task_type, ['pulp:action:content_applicability_regeneration']])
    assert.deepEqual(await reports(), [all[2]])

    const one = await regenerate({}, 'consumers/east/')
    assert.equal(one.status, 202)
    const [own] = await work()
    assert.deepEqual(
      [own?.resources, own?.tags],
      [['consumer:east'], ['action:consumer_content_applicability_regeneration']],
    )
    assert.deepEqual(await reports(), [all[1], all[2]])
  })

  it('is made by a group of tasks, one for each batch of profiles of a repository', async () => {
    for (let each = 0; each < 50; each++) await consumer(`more-${each}`, [aBuild('bear', `1.${each}`)], 'zoo')
    const { status, json } = await regenerate({ ...everything, parallel: true })
    assert.deepEqual(
      [status, json],
      [202, { group_id: json.group_id, _href: `/pulp/api/v2/task_groups/${json.group_id}/` }],
    )
    const summary = async () => (await call('GET', `${json._href}state_summary/`)).json
    assert.deepEqual([(await summary()).total, (await summary()).waiting], [3, 3])
    const tasks = await work()
    const task_type = 'pulp.server.managers.consumer.applicability.batch_regenerate_applicability'
    assert.equal((await call('GET', `tasks/${tasks[0]?.task_id}/`)).json.task_type, task_type)
    assert.deepEqual(
      tasks.map(({ resources, tags }) => [resources, tags]),
      tasks.map(() => [[], ['action:content_applicability_regeneration']]),
    )
    const listed: { task_id: string }[] = (await call('GET', 'tasks/')).json
    assert.ok(!listed.some(({ task_id }) => task_id === tasks[0]?.task_id))
    const told = await reports()
    assert.equal(told.length, 53)
    assert.deepEqual(told.slice(0, 2), all.slice(0, 2))
  })

  it('has a group with one task where there is nothing to do', async () => {
    const { json } = await regenerate({ repo_criteria: { filters: { id: 'no' } }, parallel: true })
    await work()
    assert.equal((await call('GET', `${json._href}state_summary/`)).json.finished, 1)
  })

  it('goes with the profile, the binding, the repository and the consumer', async () => {
    await regenerate()
    await work()
    const forgotten = () => api().services.applicability.forget(100)
    assert.equal(await forgotten(), 0)
    await install('north', [aBuild('bear', '1')])
    await call('DELETE', 'consumers/east/bindings/park/web/')
    await call('DELETE', 'consumers/bare/')
    assert.deepEqual(await reports(), [
      ['east', { erratum: ids(bearAdvice), rpm: ids(bear2, bear3) }],
      ['west', inBoth],
    ])
    assert.equal(await forgotten(), 4)
    await api().services.opened.database.deleteFrom('repository').where('name', '=', 'zoo').execute()
    assert.deepEqual(await reports(), [['west', { erratum: ids(lionAdvice), rpm: ids(lion2) }]])
    await call('DELETE', 'consumers/west/bindings/park/web/')
    assert.deepEqual([await reports(), await forgotten(), await forgotten()], [[], 2, 0])
  })

  it('is not told of a binding that is on its way out', async () => {
    await call('POST', 'consumers/alone/bindings/', { repo_id: 'zoo', distributor_id: 'web' })
    await regenerate({}, 'consumers/alone/')
    const one = { consumer_criteria: { filters: { id: 'alone' } } }
    await work()
    assert.equal((await reports()).length, 1)
    await call('DELETE', 'consumers/alone/bindings/zoo/web/')
    assert.deepEqual([await reports(), await api().services.applicability.forget(100)], [[], 0])
    await regenerate(one, 'consumers/')
    await work()
    assert.deepEqual(await reports(), [])
    assert.deepEqual(await bench.services.applicability.profilesOf('zoo', 'rpm', ['alone']), [])
  })

  it('of a later version is not replaced by that of one before', async () => {
    await regenerate()
    const { applicability, repositories } = bench.services
    const scope = { repositoryId: 'zoo', profileType: 'rpm' }
    const { latest } = await repositories.get('zoo')
    const [profileHash = ''] = await applicability.profilesOf('zoo', 'rpm', ['north'])
    const found = (unit: DiscoveredUnit) => [{ profileHash, units: { rpm: [idOf(unit)], erratum: [] } }]
    await applicability.replace({ ...scope, version: latest + 1 }, found(lion2))
    await work()
    const ofNorth = { criteria: { filters: { id: 'north' } } }
    assert.deepEqual(await reports(ofNorth), [['north', { erratum: [], rpm: ids(lion2) }]])
    await applicability.replace({ ...scope, version: latest + 1 }, found(bear3))
    assert.deepEqual(await reports(ofNorth), [['north', { erratum: [], rpm: ids(bear3) }]])
    await applicability.replace({ ...scope, repositoryId: 'gone', version: 1 }, found(bear2))
  })

  it('survives what goes away while it is made', async () => {
    await regenerate({ ...everything, parallel: true })
    await regenerate()
    await regenerate({ consumer_criteria: {} }, 'consumers/')
    const { database } = api().services.opened
    await database.deleteFrom('repository').where('name', '=', 'zoo').execute()
    await call('DELETE', 'consumers/west/')
    await call('DELETE', 'consumers/north/')
    await work()
    assert.deepEqual(await reports(), [['east', { erratum: ids(lionAdvice), rpm: ids(lion2) }]])
  })

  it('is refused for what is wrong in a request', async () => {
    const cases: [path: string, body: object, status: number, names: readonly string[]][] = [
      ['repositories/', {}, 400, ['repo_criteria']],
      ['repositories/', { repo_criteria: null }, 400, ['repo_criteria']],
      ['repositories/', { repo_criteria: [] }, 400, ['repo_criteria']],
      ['repositories/', { repo_criteria: {}, parallel: 'x' }, 400, ['parallel']],
      ['repositories/', { repo_criteria: { odd: 1 } }, 400, ['odd']],
      ['repositories/', { repo_criteria: { filters: { id: { $odd: 1 } } } }, 400, ['criteria']],
      ['consumers/', {}, 400, ['consumer_criteria']],
      ['consumers/', { consumer_criteria: 'x' }, 400, ['consumer_criteria']],
      ['consumers/', { consumer_criteria: { limit: 'x' } }, 400, ['limit']],
    ]
    for (const [path, body, status, names] of cases) {
      const answer = await regenerate(body, path)
      const named = answer.json.property_names ?? answer.json.missing_property_names
      assert.deepEqual([answer.status, named], [status, names], JSON.stringify(body))
    }
    assert.deepEqual((await regenerate({}, 'consumers/nobody/')).json.resources, { consumer: 'nobody' })
    const queries = [{}, { criteria: [] }, { criteria: {}, content_types: 'rpm' }, { criteria: { filters: 1 } }]
    for (const body of [...queries, { criteria: { filters: { id: { $odd: 1 } } } }]) {
      const { status, json } = await call('POST', 'consumers/content/applicability/', body)
      assert.deepEqual([status, typeof json], [400, 'string'])
    }
    for (const body of ['x', { criteria: {}, content_types: ['\0'] }])
      assert.equal((await call('POST', 'consumers/content/applicability/', body)).json.http_status, 400)
  })
})

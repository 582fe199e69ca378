import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { PulpServer } from '../../testing/pulp-server.ts'
import { PulpCallReport } from '../../wire/pulp/call-report.ts'
import { PulpDistributor } from '../../wire/pulp/distributor.ts'
import { PulpImporter } from '../../wire/pulp/importer.ts'

const importers = 'repositories/zoo/importers/'
const distributors = 'repositories/zoo/distributors/'

async function zoo() {
  const server = new PulpServer()
  const importer = { type: 'stub_importer', config: { feed: 'http://upstream/', basic_auth_password: 'pw' } }
  const distributor = { id: 'web', type: 'stub_distributor', config: { auth_key: 'pw' }, autoPublish: true }
  const repository = { id: 'zoo', displayName: 'zoo', description: null, notes: {} }
  await server.repositories.create(repository, importer, [distributor])
  await server.repositories.create({ ...repository, id: 'bare' }, undefined, [])
  return server
}

async function lastTask(server: PulpServer) {
  return (await Array.fromAsync(server.tasks.list({}))).at(-1)
}

const downloadTags = ['pulp:repository:zoo', 'pulp:action:download', 'pulp:action:download_repo']

describe('The importer of a repository', () => {
  it('is listed and shown, its secrets masked', async () => {
    const server = await zoo()
    const list = await server.call('GET', importers)
    assert.equal(list.json.length, 1)
    assert.ok(Value.Check(PulpImporter, list.json[0]))
    assert.deepEqual(list.json[0].config, { feed: 'http://upstream/', basic_auth_password: '*****' })
    assert.deepEqual((await server.call('GET', `${importers}stub_importer/`)).json, list.json[0])
  })

  it('is an empty list for a repository without one, and 404 for one that does not exist', async () => {
    const server = await zoo()
    assert.equal((await server.call('GET', 'repositories/bare/importers/')).text, '[]')
    const missing = await server.call('GET', 'repositories/nope/importers/')
    assert.deepEqual([missing.status, missing.json.resources], [404, { repository: 'nope' }])
  })

  it('is missing under any other id than its type', async () => {
    const answer = await (await zoo()).call('GET', `${importers}other/`)
    assert.deepEqual([answer.status, answer.json.resources], [404, { importer_id: 'other' }])
  })

  it('is set by a task, with or without a config', async () => {
    const server = await zoo()
    for (const config of [{}, { importer_config: null }, { importer_config: { a: 1 } }]) {
      const answer = await server.call('POST', importers, { importer_type_id: 'stub_importer', ...config })
      assert.equal(answer.status, 202)
      assert.ok(Value.Check(PulpCallReport, answer.json))
      const task = await lastTask(server)
      assert.deepEqual([task?.operation, task?.arguments['config']], ['set-importer', config.importer_config ?? {}])
    }
  })

  it('is refused without a type, with an unknown type, and with a config that the plugin refuses', async () => {
    const server = await zoo()
    const missing = await server.call('POST', importers, {})
    assert.deepEqual([missing.status, missing.json.error.code], [400, 'PLP0016'])
    assert.deepEqual(missing.json.missing_property_names, ['importer_type_id'])
    const unknown = await server.call('POST', importers, { importer_type_id: 'x' })
    assert.deepEqual([unknown.status, unknown.json.error.code], [400, 'PLP1008'])
    const body = { importer_type_id: 'stub_importer', importer_config: { refused: 1 } }
    const refused = await server.call('POST', importers, body)
    assert.deepEqual([refused.status, refused.json.error.code], [400, 'PLP1000'])
  })

  it('is changed and removed by tasks', async () => {
    const server = await zoo()
    const changed = await server.call('PUT', `${importers}stub_importer/`, { importer_config: { a: null } })
    assert.equal(changed.status, 202)
    assert.deepEqual((await lastTask(server))?.arguments['config'], { a: null })
    const removed = await server.call('DELETE', `${importers}stub_importer/`)
    assert.equal(removed.status, 202)
    assert.equal((await lastTask(server))?.operation, 'remove-importer')
  })

  it('is not changed without a config, nor when it is another one', async () => {
    const server = await zoo()
    for (const body of [{}, { importer_config: null }]) {
      const answer = await server.call('PUT', `${importers}stub_importer/`, body)
      assert.deepEqual([answer.status, answer.json.missing_property_names], [400, ['importer_config']])
    }
    const other = await server.call('PUT', `${importers}other/`, { importer_config: {} })
    assert.deepEqual([other.status, other.json.resources], [404, { importer_id: 'other' }])
  })
})

describe('The distributors of a repository', () => {
  it('are listed and shown, their secrets masked', async () => {
    const server = await zoo()
    const list = await server.call('GET', distributors)
    assert.equal(list.json.length, 1)
    assert.ok(Value.Check(PulpDistributor, list.json[0]))
    assert.deepEqual(list.json[0].config, { auth_key: '*****' })
    assert.deepEqual((await server.call('GET', `${distributors}web/`)).json, list.json[0])
    assert.equal((await server.call('GET', 'repositories/bare/distributors/')).text, '[]')
  })

  it('are missing with repository and id', async () => {
    const server = await zoo()
    const answer = await server.call('GET', `${distributors}other/`)
    assert.deepEqual([answer.status, answer.json.resources], [404, { repo_id: 'zoo', distributor_id: 'other' }])
    assert.equal((await server.call('GET', 'repositories/nope/distributors/')).status, 404)
  })

  it('are added at once with 201', async () => {
    const server = await zoo()
    const body = { distributor_type_id: 'stub_distributor', distributor_config: { a: 1 }, distributor_id: 'new' }
    const answer = await server.call('POST', distributors, { ...body, auto_publish: true })
    assert.deepEqual([answer.status, answer.reason], [201, 'CREATED'])
    assert.equal(answer.headers['location'], '/pulp/api/v2/repositories/zoo/distributors/new/')
    assert.ok(Value.Check(PulpDistributor, answer.json))
    assert.deepEqual([answer.json.config, answer.json.auto_publish], [{ a: 1 }, true])
  })

  it('get an id and do not publish by themselves unless told otherwise', async () => {
    const answer = await (await zoo()).call('POST', distributors, { distributor_type_id: 'stub_distributor' })
    assert.deepEqual([answer.json.id, answer.json.auto_publish], ['generated', false])
  })

  it('are refused without a type, with an unknown type, and with a config that the plugin refuses', async () => {
    const server = await zoo()
    const missing = await server.call('POST', distributors, { distributor_type_id: null })
    assert.deepEqual([missing.status, missing.json.missing_property_names], [400, ['distributor_type_id']])
    const unknown = await server.call('POST', distributors, { distributor_type_id: 'x' })
    assert.deepEqual([unknown.status, unknown.json.property_names], [400, ['distributor_type_id']])
    const body = { distributor_type_id: 'stub_distributor', distributor_config: { refused: 1 } }
    const refused = await server.call('POST', distributors, body)
    assert.deepEqual([refused.status, refused.json.error.code], [400, 'PLP0000'])
  })

  it('are changed and removed by tasks', async () => {
    const server = await zoo()
    const body = { distributor_config: { a: 1 }, delta: { auto_publish: 'maybe', id: 'ignored' } }
    assert.equal((await server.call('PUT', `${distributors}web/`, body)).status, 202)
    assert.deepEqual((await lastTask(server))?.arguments['change'], { config: { a: 1 }, autoPublish: 'maybe' })
    assert.equal((await server.call('PUT', `${distributors}web/`, {})).status, 202)
    assert.deepEqual((await lastTask(server))?.arguments['change'], { config: {} })
    assert.equal((await server.call('DELETE', `${distributors}web/`, '""')).status, 202)
    assert.equal((await lastTask(server))?.operation, 'remove-distributor')
    assert.equal((await server.call('DELETE', `${distributors}other/`)).status, 404)
  })
})

describe('The actions of a repository', () => {
  it('sync with and without overrides', async () => {
    const server = await zoo()
    for (const body of ['', {}, { override_config: null }]) {
      const answer = await server.call('POST', 'repositories/zoo/actions/sync/', body)
      assert.equal(answer.status, 202)
      assert.ok(Value.Check(PulpCallReport, answer.json))
      assert.deepEqual((await lastTask(server))?.arguments['override'], {})
    }
    await server.call('POST', 'repositories/zoo/actions/sync/', { override_config: { verify_size: false } })
    assert.deepEqual((await lastTask(server))?.arguments['override'], { verify_size: false })
  })

  it('publish by the distributor that is named, even if there is none', async () => {
    const server = await zoo()
    const answer = await server.call('POST', 'repositories/zoo/actions/publish/', { id: 'none', override_config: {} })
    assert.equal(answer.status, 202)
    assert.equal((await lastTask(server))?.arguments['distributor'], 'none')
  })

  it('download what is missing, or look at everything, holding nothing', async () => {
    const server = await zoo()
    for (const [body, verify] of [
      ['', false],
      [{ verify_all_units: null }, false],
      [{ verify_all_units: false }, false],
      [{ verify_all_units: true }, true],
    ] as const) {
      const answer = await server.call('POST', 'repositories/zoo/actions/download/', body)
      assert.equal(answer.status, 202)
      assert.ok(Value.Check(PulpCallReport, answer.json))
      const task = await lastTask(server)
      assert.deepEqual([task?.arguments['verify'], task?.resources], [verify, []])
      const report = (await server.call('GET', String(answer.json.spawned_tasks[0]?._href))).json
      assert.deepEqual(new Set(report.tags), new Set(downloadTags))
      assert.equal(report.task_type, 'pulp.server.controllers.repository.download_repo')
      for (const tag of downloadTags) {
        const found = (await server.call('GET', `tasks/?tag=${tag}`)).json.map(
          (one: { task_id: string }) => one.task_id,
        )
        assert.ok(found.includes(report.task_id), tag)
      }
    }
  })

  it('refuse what they cannot read', async () => {
    const server = await zoo()
    for (const value of ['true', 1, []]) {
      const answer = await server.call('POST', 'repositories/zoo/actions/download/', { verify_all_units: value })
      assert.deepEqual([answer.status, answer.json.error.code], [400, 'PLP1010'])
      assert.equal(answer.json.error.data.field, 'verify_all_units')
    }
    assert.equal((await server.call('POST', 'repositories/nope/actions/download/', '')).status, 404)
    const publish = await server.call('POST', 'repositories/zoo/actions/publish/', { override_config: {} })
    assert.deepEqual([publish.status, publish.json.missing_property_names], [400, ['id']])
    const sync = await server.call('POST', 'repositories/zoo/actions/sync/', { override_config: [] })
    assert.deepEqual([sync.status, sync.json.property_names], [400, ['override_config']])
    assert.equal((await server.call('POST', 'repositories/nope/actions/sync/', '')).status, 404)
  })
})

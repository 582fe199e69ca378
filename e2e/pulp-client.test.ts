import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onEachDatabase } from '../src/testing/databases.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { inProject } from './support/project.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { sharedServer } from './support/servers.ts'

const root = '/pulp/api/v2'
const sample = inProject('sample/repository')
/** Keys that pulp-smash, pulp-admin and Ansible's pulp_repo send. */
const distributor = {
  distributor_id: 'cli',
  distributor_type_id: 'yum_distributor',
  distributor_config: { relative_url: 'zoo/el', http: true, https: true, generate_sqlite: false, repoview: false },
  auto_publish: true,
}

onEachDatabase('a client written for Pulp 2', (fresh) => {
  const server = sharedServer(fresh)

  test('creates, syncs, publishes and deletes a repository as it always did', async () => {
    const { feed } = await FolderUpstream.of(sample)
    const importer = { feed, ssl_validation: false, num_threads: 4, proxy_host: null }
    const created = await call(server(), 'POST', `${root}/repositories/`, {
      id: 'zoo',
      display_name: null,
      description: 'animals',
      notes: { '_repo-type': 'rpm-repo' },
      importer_type_id: 'yum_importer',
      importer_config: importer,
      distributors: [distributor],
    })
    assert.equal(created.status, 201)
    assert.match(created.location ?? '', /\/pulp\/api\/v2\/repositories\/zoo\/$/)
    assert.deepEqual(
      [created.body.id, created.body._ns, created.body._href],
      ['zoo', 'repos', `${root}/repositories/zoo/`],
    )

    const { status, body: updated } = await call(server(), 'PUT', `${root}/repositories/zoo/`, {
      delta: { description: 'more animals' },
      importer_config: null,
      distributor_configs: null,
    })
    assert.equal(status, 200)
    assert.equal(updated.result.description, 'more animals')

    const synced = await call(server(), 'POST', `/pulp//api/v2//repositories/zoo//actions/sync/`, '')
    assert.equal(synced.status, 202)
    assert.deepEqual(Object.keys(synced.body).sort(), ['error', 'result', 'spawned_tasks'])
    const [sync, publish, ...others] = await poll(server(), synced)
    assert.deepEqual([sync.state, publish.state, others], ['finished', 'finished', []])
    for (const task of [sync, publish])
      assert.deepEqual([task.error, task.exception, task.traceback], [null, null, null])
    assert.deepEqual(sync.tags, ['pulp:repository:zoo', 'pulp:action:sync'])
    assert.equal(sync.result.added_count, 8)
    assert.equal(sync.progress_report.yum_importer.content.state, 'FINISHED')
    assert.ok(Array.isArray(publish.progress_report.cli))

    const details = await call(server(), 'GET', `${root}/repositories/zoo/?details=True`)
    const [stored] = details.body.importers
    assert.deepEqual(stored.config, { feed, ssl_validation: false, num_threads: 4 })
    assert.deepEqual(details.body.content_unit_counts, { rpm: 7, srpm: 1 })
    assert.deepEqual([details.body.total_repository_units, details.body.locally_stored_units], [8, 8])
    assert.equal(details.body.distributors[0].id, 'cli')
    assert.ok(details.body.distributors[0].last_publish)

    const history = await call(server(), 'GET', `${root}/repositories/zoo/history/sync/`)
    assert.deepEqual([history.body.length, history.body[0].result, history.body[0].added_count], [1, 'success', 8])
    const published = await call(server(), 'GET', `${root}/repositories/zoo/history/publish/cli/`)
    assert.deepEqual([published.body.length, published.body[0].result], [1, 'success'])

    const url = `${server().url}/pulp/repos/zoo/el/`
    assert.match((await fetchBytes(`${url}repodata/repomd.xml`)).toString(), /<repomd/)
    const deleted = await call(server(), 'DELETE', `${root}/repositories/zoo/`, '')
    assert.equal(deleted.status, 202)
    assert.deepEqual(
      (await poll(server(), deleted)).map(({ state }) => state),
      ['finished'],
    )
    const missing = await call(server(), 'GET', `${root}/repositories/zoo/`)
    assert.deepEqual([missing.status, missing.body.http_status], [404, 404])
    assert.equal(await statusOf(`${url}repodata/repomd.xml`), 404)
  })

  test('is sent on where it leaves out the last slash', async () => {
    const answer = await call(server(), 'GET', `${root}/repositories`)
    assert.equal(answer.status, 301)
    assert.match(answer.location ?? '', /\/pulp\/api\/v2\/repositories\/$/)
    assert.equal((await call(server(), 'GET', `${root}/repositories/`)).status, 200)
  })

  test('is told in an answer of 400, 404 or 409 what is wrong', async () => {
    const path = `${root}/repositories/`
    await call(server(), 'POST', path, { id: 'taken' })
    const bodies: [unknown, number][] = [
      [{ id: null }, 400],
      [['id'], 400],
      [{ display_name: 'no id' }, 400],
      [{ id: 'taken' }, 409],
      [{ id: 'x', importer_type_id: 'no_such_importer' }, 400],
    ]
    for (const [body, status] of bodies) {
      const answer = await call(server(), 'POST', path, body)
      assert.deepEqual(
        [answer.status, answer.body.http_status, answer.location],
        [status, status, null],
        JSON.stringify(body),
      )
      assert.ok(answer.body.error_message)
    }
    assert.equal((await call(server(), 'POST', `${path}nothing/actions/sync/`, {})).status, 404)
    assert.equal((await call(server(), 'GET', `${root}/tasks/no-task/`)).status, 404)
  })

  test('sees a sync without a feed end in an error, and a publish of an unknown distributor too', async () => {
    await call(server(), 'POST', `${root}/repositories/`, { id: 'poor', importer_type_id: 'yum_importer' })
    const [sync] = await poll(server(), await call(server(), 'POST', `${root}/repositories/poor/actions/sync/`, {}))
    assert.deepEqual([sync.state, sync.error.code], ['error', 'RPM1005'])
    const body = { id: 'no-such' }
    const [publish] = await poll(
      server(),
      await call(server(), 'POST', `${root}/repositories/poor/actions/publish/`, body),
    )
    assert.deepEqual([publish.state, publish.error.code], ['error', 'PLP0009'])
  })

  test('is let in with its password and by nothing less', async () => {
    const answers = await Promise.all(
      [undefined, `Basic ${btoa('admin:wrong')}`, 'Basic !!!', `Basic ${btoa('admin:')}`].map((authorization) =>
        fetch(
          `${server().url}${root}/repositories/`,
          authorization === undefined ? {} : { headers: { authorization } },
        ),
      ),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      [401, 401, 401, 401],
    )
    assert.equal((await call(server(), 'GET', `${root}/repositories/`)).status, 200)
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { onEachDatabase } from '../src/testing/databases.ts'
import { PulpCallReport } from '../src/wire/pulp/call-report.ts'
import { PulpErrorBody } from '../src/wire/pulp/error.ts'
import { PulpPublishHistoryEntry, PulpSyncHistoryEntry } from '../src/wire/pulp/history.ts'
import { PulpRepository } from '../src/wire/pulp/repository.ts'
import { PulpFoundUnit, PulpUnit, PulpUnitAssociation } from '../src/wire/pulp/unit.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { inProject } from './support/project.ts'
import { statusOf } from './support/published.ts'
import { call, poll, read, SyncHistory } from './support/pulp-calls.ts'
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
    assert.equal(read(PulpRepository, created)._href, `${root}/repositories/zoo/`)

    const updated = await call(server(), 'PUT', `${root}/repositories/zoo/`, {
      delta: { description: 'more animals' },
      importer_config: null,
      distributor_configs: null,
    })
    assert.equal(updated.status, 200)
    const { result } = read(PulpCallReport, updated)
    assert.equal(read(PulpRepository, { ...updated, body: result }).description, 'more animals')

    await syncsTwoTasks(server())
    await showsWhatItHas(server(), feed)
    await findsPackages(server())
    await deletes(server(), `${server().url}/pulp/repos/zoo/el/repodata/repomd.xml`)
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
      const { http_status, error_message } = read(PulpErrorBody, answer)
      assert.deepEqual([answer.status, http_status, answer.location], [status, status, null], JSON.stringify(body))
      assert.ok(error_message)
    }
    assert.equal((await call(server(), 'POST', `${path}nothing/actions/sync/`, {})).status, 404)
    assert.equal((await call(server(), 'GET', `${root}/tasks/no-task/`)).status, 404)
  })

  test('sees a sync without a feed end in an error, and a publish of an unknown distributor too', async () => {
    await call(server(), 'POST', `${root}/repositories/`, { id: 'poor', importer_type_id: 'yum_importer' })
    const [sync] = await poll(server(), await call(server(), 'POST', `${root}/repositories/poor/actions/sync/`, {}))
    assert.deepEqual([sync?.state, sync?.error?.code], ['error', 'RPM1005'])
    const body = { id: 'no-such' }
    const [publish] = await poll(
      server(),
      await call(server(), 'POST', `${root}/repositories/poor/actions/publish/`, body),
    )
    assert.deepEqual([publish?.state, publish?.error?.code], ['error', 'PLP0009'])
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

/** The sync, then the publish that it queued; the path has the doubled slashes of careless clients. */
async function syncsTwoTasks(server: DeckleServer): Promise<void> {
  const synced = await call(server, 'POST', '/pulp//api/v2//repositories/zoo//actions/sync/', '')
  assert.equal(synced.status, 202)
  const tasks = await poll(server, synced)
  assert.deepEqual(
    tasks.map(({ state, error, traceback }) => [state, error, traceback]),
    [
      ['finished', null, null],
      ['finished', null, null],
    ],
  )
  const [sync, publish] = tasks
  assert.deepEqual(sync?.tags, ['pulp:repository:zoo', 'pulp:action:sync'])
  assert.equal(read(PulpSyncHistoryEntry, { ...synced, body: sync?.result }).added_count, 8)
  assert.deepEqual(Object.keys(sync?.progress_report ?? {}), ['yum_importer'])
  assert.deepEqual(Object.keys(publish?.progress_report ?? {}), ['cli'])
}

async function showsWhatItHas(server: DeckleServer, feed: string): Promise<void> {
  const repository = read(PulpRepository, await call(server, 'GET', `${root}/repositories/zoo/?details=True`))
  assert.deepEqual(repository.importers?.[0]?.config, { feed, ssl_validation: false, num_threads: 4 })
  assert.deepEqual(repository.content_unit_counts, { rpm: 7, srpm: 1 })
  assert.deepEqual([repository.total_repository_units, repository.locally_stored_units], [8, 8])
  assert.equal(repository.distributors?.[0]?.id, 'cli')
  assert.ok(repository.distributors[0].last_publish)

  const syncs = read(SyncHistory, await call(server, 'GET', `${root}/repositories/zoo/history/sync/`))
  assert.deepEqual(
    syncs.map(({ result, added_count }) => [result, added_count]),
    [['success', 8]],
  )
  const path = `${root}/repositories/zoo/history/publish/cli/`
  const publishes = read(Type.Array(PulpPublishHistoryEntry), await call(server, 'GET', path))
  assert.deepEqual(
    publishes.map(({ result }) => result),
    ['success'],
  )
}

/** In the repository as pulp-admin asks, in all as Katello does. */
async function findsPackages(server: DeckleServer): Promise<void> {
  const match = [{ name: { $regex: '^deckle-p' } }, { arch: 'noarch' }]
  const fields = { unit: ['name', 'provides'], association: [] }
  const sort = { unit: [['name', 'ascending']] }
  const inRepository = { type_ids: ['rpm'], filters: { unit: { $and: match } }, fields, sort }
  const held = await call(server, 'POST', `${root}/repositories/zoo/search/units/`, { criteria: inRepository })
  const names = read(Type.Array(PulpUnitAssociation), held).map(({ metadata }) => Reflect.get(metadata, 'name'))
  assert.deepEqual(names, ['deckle-paper', 'deckle-press'])

  const criteria = { filters: { name: { $in: ['deckle-paper', 'nothing'] } } }
  const path = `${root}/content/units/rpm/search/`
  const found = await call(server, 'POST', path, { criteria, include_repos: true })
  const [paper, ...others] = read(Type.Array(PulpFoundUnit), found)
  assert.deepEqual([paper?.repository_memberships, others], [['zoo'], []])
  const shown = read(PulpUnit, await call(server, 'GET', paper?._href ?? ''))
  assert.equal(shown.downloaded, true)
  const { version_sort_index, provides } = Object(shown)
  assert.equal(version_sort_index, '01-2.01-0')
  assert.deepEqual(provides[0], { name: 'deckle-paper', epoch: '1', version: '2.0', release: '3', flags: 'EQ' })
}

async function deletes(server: DeckleServer, published: string): Promise<void> {
  assert.equal(await statusOf(published), 200)
  const deleted = await call(server, 'DELETE', `${root}/repositories/zoo/`, '')
  assert.equal(deleted.status, 202)
  const tasks = await poll(server, deleted)
  assert.deepEqual(
    tasks.map(({ state }) => state),
    ['finished'],
  )
  const missing = await call(server, 'GET', `${root}/repositories/zoo/`)
  assert.deepEqual([missing.status, read(PulpErrorBody, missing).http_status], [404, 404])
  assert.equal(await statusOf(published), 404)
}

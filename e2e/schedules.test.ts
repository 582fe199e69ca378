import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { PulpSchedule } from '../src/wire/pulp/schedule.ts'
import { PulpTaskReport } from '../src/wire/pulp/task-report.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { fetchBytes } from './support/published.ts'
import { call, read } from './support/pulp-calls.ts'
import { startServer, testFolder } from './support/servers.ts'

const repository = '/pulp/api/v2/repositories/hourly/'
const syncs = `${repository}importers/iso_importer/schedules/sync/`
const publishes = `${repository}distributors/iso_distributor/schedules/publish/`

async function makeSchedule(server: DeckleServer, base: string, body: object): Promise<string> {
  const answer = await call(server, 'POST', base, body)
  assert.equal(answer.status, 201)
  return read(PulpSchedule, answer)._href
}

/** Tasks of this kind that have ended. */
async function endedTasks(server: DeckleServer, action: string) {
  const path = `/pulp/api/v2/tasks/?tag=pulp:repository:hourly&tag=pulp:action:${action}`
  const tasks = read(Type.Array(PulpTaskReport), await call(server, 'GET', path))
  return tasks.filter(({ finish_time }) => finish_time !== null)
}

onOneDatabase('schedules of a server', (fresh) => {
  test('sync and publish when they are due, with their overrides, also after a restart', async (t) => {
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl() }
    const first = await startServer(t, options)
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { 'hello.txt': 'hello' })
    const { feed } = await FolderUpstream.of(folder)
    await makeFilesMirror(first, 'hourly', { feed: 'http://127.0.0.1:1/' })
    const sync = await makeSchedule(first, syncs, { schedule: 'R1/PT1S', override_config: { feed } })
    await eventually(async () => (await endedTasks(first, 'sync')).length > 0)
    assert.deepEqual(
      (await endedTasks(first, 'sync')).map(({ state }) => state),
      ['finished'],
    )
    const { enabled, total_run_count, remaining_runs } = read(PulpSchedule, await call(first, 'GET', sync))
    assert.deepEqual(
      { enabled, total_run_count, remaining_runs },
      { enabled: false, total_run_count: 1, remaining_runs: 0 },
    )
    await eventually(async () => (await endedTasks(first, 'publish')).length === 1)
    assert.equal(await textOf(first), 'hello')

    const publish = await makeSchedule(first, publishes, { schedule: 'R2/PT1S', enabled: false })
    assert.equal((await first.stop()).code, 0)
    const second = await startServer(t, options)
    await call(second, 'PUT', publish, { enabled: true })
    await eventually(async () => (await endedTasks(second, 'publish')).length === 3)
    assert.equal(read(PulpSchedule, await call(second, 'GET', publish)).total_run_count, 2)
    assert.equal((await endedTasks(second, 'sync')).length, 1)
  })

  test('count failures and stop after as many as they may have', async (t) => {
    const server = await startServer(t, { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl() })
    await makeFilesMirror(server, 'hourly', { feed: 'http://127.0.0.1:1/', max_retries: 0 })
    const path = await makeSchedule(server, syncs, { schedule: 'PT1S', failure_threshold: 2 })
    await eventually(async () => !read(PulpSchedule, await call(server, 'GET', path)).enabled)
    const { consecutive_failures, total_run_count } = read(PulpSchedule, await call(server, 'GET', path))
    assert.deepEqual({ consecutive_failures, total_run_count }, { consecutive_failures: 2, total_run_count: 2 })
    assert.deepEqual(
      (await endedTasks(server, 'sync')).map(({ state }) => state),
      ['error', 'error'],
    )
  })
})

async function textOf(server: DeckleServer): Promise<string> {
  return (await fetchBytes(`${server.url}/pulp/isos/hourly/hello.txt`)).toString()
}

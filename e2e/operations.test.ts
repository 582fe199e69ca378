import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { Cable } from './support/cable.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword, type DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { sharedServer, startServer, testFolder } from './support/servers.ts'

const admin = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`

async function ask(server: DeckleServer, path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${server.url}${path}`, { headers })
  return { status: response.status, text: await response.text() }
}

/** The value of a sample, as it stands in the text. */
function sampleOf(metrics: string, sample: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${sample} `))
  return Number(line?.slice(sample.length + 1))
}

type Line = Readonly<Record<string, unknown>>

function logOf(server: DeckleServer): readonly Line[] {
  const lines = server.log.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Line)
}

async function plainFiles(): Promise<FolderUpstream> {
  const folder = await temporaryFolder()
  await writePlainFiles(folder, { 'hello.txt': 'hello, world' })
  return FolderUpstream.of(folder)
}

onOneDatabase('the operator of a server', (fresh) => {
  const server = sharedServer(fresh)

  test('sees that it serves and is ready, and its metrics only as somebody', async () => {
    assert.equal((await ask(server(), '/healthz')).status, 200)
    const ready = await ask(server(), '/readyz')
    assert.deepEqual([ready.status, JSON.parse(ready.text).ready], [200, true])
    assert.equal((await ask(server(), '/metrics')).status, 401)
    assert.equal((await ask(server(), '/metrics', { authorization: 'Bearer guessed' })).status, 401)
    const metrics = await ask(server(), '/metrics', { authorization: admin })
    assert.equal(metrics.status, 200)
    assert.equal(sampleOf(metrics.text, 'deckle_database_up'), 1)
    assert.ok(sampleOf(metrics.text, 'process_resident_memory_bytes{process="main"}') > 1e6)
    assert.ok(sampleOf(metrics.text, 'deckle_disk_free_bytes{place="blobs"}') > 0)
  })

  test('can count what a sync fetched and what clients got, and which task ended how', async () => {
    const scrape = async () => (await ask(server(), '/metrics', { authorization: admin })).text
    const before = await scrape()
    const url = await makeFilesMirror(server(), 'counted', { feed: (await plainFiles()).feed })
    await syncWell(server(), 'counted')
    assert.equal((await fetch(`${url}hello.txt`)).status, 200)
    assert.equal((await fetch(`${url}nothing.txt`)).status, 404)
    const gained = async (sample: string) => {
      const text = await scrape()
      return (sampleOf(text, sample) || 0) - (sampleOf(before, sample) || 0)
    }
    assert.equal(await gained('deckle_content_sent_bytes_total{process="main"}'), 'hello, world'.length)
    assert.equal(
      await gained('deckle_http_requests_total{process="main",surface="content",method="GET",status="4xx"}'),
      1,
    )
    assert.equal(await gained('deckle_content_lookups_total{process="main",result="hit"}'), 1)
    // Told by the workers once a second, counted a moment after the commit.
    await eventually(async () => (await gained('deckle_upstream_received_bytes_total{process="main"}')) >= 12)
    for (const operation of ['sync-repository', 'publish-repository']) {
      await eventually(
        async () => (await gained(`deckle_tasks_ended_total{operation="${operation}",state="finished"}`)) === 1,
      )
    }
  })

  test('can follow a request into the task that it queued', async () => {
    await makeFilesMirror(server(), 'traced', { feed: (await plainFiles()).feed })
    const response = await fetch(`${server().url}/pulp/api/v2/repositories/traced/actions/sync/`, {
      method: 'POST',
      headers: { authorization: admin, 'x-request-id': 'trace-me' },
    })
    const { spawned_tasks } = (await response.json()) as { spawned_tasks: { task_id: string }[] }
    const task = spawned_tasks[0]?.task_id
    assert.equal(response.headers.get('x-request-id'), 'trace-me')
    await eventually(() => logOf(server()).some((line) => line['request'] === 'trace-me' && line['msg'] === 'request'))
    const lines = logOf(server()).filter((line) => line['request'] === 'trace-me')
    assert.ok(lines.some((line) => line['task'] === task && line['operation'] === 'sync-repository'))
  })

  test('finds every line of a failed task by its id', async () => {
    await makeFilesMirror(server(), 'failing', { feed: (await plainFiles()).server.url('/nothing/') })
    const { spawned_tasks } = await server().client.sync('failing')
    const task = spawned_tasks[0]?.task_id
    await eventually(() => logOf(server()).some((line) => line['task'] === task && line['level'] === 'warn'))
  })
})

onOneDatabase('a server that loses its database', (fresh) => {
  test('serves, is not ready, and is ready again by itself', async (t) => {
    const link = await Cable.to(t, await fresh.url())
    const server = await startServer(t, {
      dataDir: await testFolder(t),
      databaseUrl: link.url,
      settings: { DECKLE_METRICS_OPEN: 'true' },
    })
    assert.equal((await ask(server, '/readyz')).status, 200)
    link.cut()
    await eventually(async () => (await ask(server, '/readyz')).status === 503)
    const { checks } = JSON.parse((await ask(server, '/readyz')).text)
    assert.deepEqual(checks, { process: 'ok', database: 'does not answer', blobs: 'ok' })
    assert.equal((await ask(server, '/healthz')).status, 200)
    assert.equal(sampleOf((await ask(server, '/metrics')).text, 'deckle_database_up'), 0)
    link.mend()
    await eventually(async () => (await ask(server, '/readyz')).status === 200)
  })

  test('with only workers answers probes where it is told a port', async (t) => {
    const [dataDir, databaseUrl] = [await testFolder(t), await fresh.url()]
    const settings = { DECKLE_ROLES: 'worker', DECKLE_BLOBS: join(dataDir, 'blobs'), DECKLE_BLOBS_SHARED: 'true' }
    const server = await startServer(t, { dataDir, databaseUrl, settings })
    assert.equal((await ask(server, '/readyz')).status, 200)
    assert.equal((await ask(server, '/pulp/api/v2/status/')).status, 404)
  })
})

onOneDatabase('deckle doctor', (fresh) => {
  test('finds a running server with its database in order, and a stored file that is gone', async (t) => {
    const dataDir = await testFolder(t)
    const server = await startServer(t, { dataDir, databaseUrl: await fresh.preparedUrl() })
    await makeFilesMirror(server, 'files', { feed: (await plainFiles()).feed })
    await syncWell(server, 'files')
    const environment = {
      DECKLE_URL: server.url,
      DECKLE_DATA_DIR: dataDir,
      DECKLE_DATABASE_URL: server.databaseUrl ?? '',
    }
    const whole = await doctor(environment)
    assert.equal(whole['server'], 'ok')
    assert.equal(whole['schema'], 'ok')
    assert.equal(whole['stored files'], 'ok')
    await mkdir(join(dataDir, 'empty'))
    const { code, stdout } = await deckle(['doctor', '--verify'], {
      ...environment,
      DECKLE_BLOBS: join(dataDir, 'empty'),
    })
    assert.equal(code, 1)
    assert.match(stdout, /^problem {2}store id: .*not mounted/m)
    assert.match(stdout, /^problem {2}stored files: \w{64} is missing$/m)
  })

  test('finds the embedded database while it runs, and does not start it', async (t) => {
    const dataDir = await testFolder(t)
    const server = await startServer(t, { dataDir })
    assert.equal((await doctor({ DECKLE_DATA_DIR: dataDir, DECKLE_URL: server.url }))['schema'], 'ok')
    await server.stop()
    const stopped = await doctor({ DECKLE_DATA_DIR: dataDir })
    assert.deepEqual([stopped['database'], stopped['schema']], ['warning', undefined])
  })
})

/** The worst state of each check. */
async function doctor(environment: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await deckle(['doctor', '--json'], environment)
  const findings = JSON.parse(stdout) as { check: string; state: string }[]
  const order = ['ok', 'warning', 'problem']
  const sorted = findings.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
  return Object.fromEntries(sorted.map(({ check, state }) => [check, state]))
}

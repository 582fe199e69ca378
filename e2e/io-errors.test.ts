import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { ReadingClient } from '../src/testing/reading-client.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeFilesMirror, sync, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { workerSlotsOf } from './support/processes.ts'
import { fetchBytes, sha256, statusOf } from './support/published.ts'
import { startServer, testFolder } from './support/servers.ts'
import { plainFiles, publishedFiles } from './support/stormy-mirrors.ts'
import { type DiskFault, FailingDisk, requireStrace } from './support/strace.ts'
import { temporaryFiles } from './support/temporary-files.ts'
import { storedBlobs } from './support/versions.ts'

const options = { ...requireStrace(), timeout: 120_000 }
const mebibyte = 1024 * 1024
const reads = 'read,pread64'

const kept = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`kept-${index}`, `text ${index}`]))
const large = randomBytes(3 * mebibyte).toString('hex')
const before = { ...kept, changed: 'old', large }
const arrivals = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`new-${index}`, `new text ${index}`]))
const after = { ...before, ...arrivals, changed: 'new', more: randomBytes(2 * mebibyte).toString('hex') }

onOneDatabase('a disk', (fresh) => {
  const faults: readonly { title: string; fault: DiskFault }[] = [
    // Not `write`: threads wake each other by it.
    { title: 'that cannot write', fault: { calls: 'writev', error: 'EIO' } },
    { title: 'that cannot flush a file', fault: { calls: 'fdatasync', error: 'EIO', when: '2' } },
    { title: 'that cannot flush a folder', fault: { calls: 'fsync', error: 'EIO' } },
    { title: 'that cannot rename', fault: { calls: 'rename', error: 'EIO', when: '2+' } },
    { title: 'that cannot open files', fault: { calls: 'openat', error: 'EIO' } },
  ]
  for (const { title, fault } of faults) {
    test(`${title} ends a sync in an honest error, and the next one is whole`, options, async (t) => {
      const { server, url, update } = await aMirror(t)
      await update()
      const disk = await failingSlot(server, fault)
      const [task, ...more] = await sync(server, 'mirror')
      assert.deepEqual([task?.state, more.length], ['error', 0])
      assert.match(task?.error?.description ?? '', /the disk of .*blobs fails \(EIO: i\/o error, \w+/)
      assert.ok((await disk.failures()) > 0)
      assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(before))
      assert.deepEqual(await recorded(server), new Set(Object.values(digestsOf(before))))
      assert.deepEqual(await temporaryFiles(server.dataDir), [])
      await disk.mend()
      await syncWell(server, 'mirror')
      assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(after))
      assert.deepEqual(await recorded(server), new Set(Object.values(digestsOf({ ...before, ...after, old: 'old' }))))
    })
  }

  test('that is full only when it flushes makes a sync wait, which goes on by itself', options, async (t) => {
    const { server, url, update } = await aMirror(t)
    await update()
    const disk = await failingSlot(server, { calls: 'fdatasync', error: 'ENOSPC' })
    const call = await server.client.sync('mirror')
    const id = call.spawned_tasks[0]?.task_id ?? ''
    await eventually(async () => /no space/.test((await server.client.task(id)).waiting_reason ?? ''))
    assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(before))
    await disk.mend()
    requireFinished(await follow(server, call))
    assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(after))
  })

  test('that fails while something is published leaves what was', options, async (t) => {
    const { server, url, update } = await aMirror(t)
    await follow(server, await server.client.updateDistributor('mirror', 'iso_distributor', { autoPublish: false }))
    await update()
    await syncWell(server, 'mirror')
    const disk = await failingSlot(server, { calls: 'fsync', error: 'EIO' })
    const [task] = await follow(server, await server.client.publish('mirror', 'iso_distributor'))
    assert.equal(task?.state, 'error')
    assert.match(task?.error?.description ?? '', /the disk of .* fails/)
    assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(before))
    await disk.mend()
    requireFinished(await follow(server, await server.client.publish('mirror', 'iso_distributor')))
    assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(after))
  })

  test('that cannot read a file never makes it a wrong one for clients', options, async (t) => {
    const { server, url } = await aMirror(t)
    const fault: DiskFault = { calls: reads, error: 'EIO' }
    const small = await FailingDisk.of(server.pid, { ...fault, path: blobPath(server, kept['kept-1']) })
    const refused = await fetch(`${url}kept-1`)
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '60'])
    assert.equal(await statusOf(`${url}kept-2`), 200)
    await small.mend()
    assert.equal((await fetchBytes(`${url}kept-1`)).toString(), kept['kept-1'])

    const big = await FailingDisk.of(server.pid, { ...fault, when: '2+', path: blobPath(server, large) })
    const client = await ReadingClient.get(Number(new URL(url).port), `${new URL(url).pathname}large`)
    assert.equal(client.status, 200)
    assert.equal(await client.body, undefined, 'the transfer is cut')
    assert.ok(client.received < large.length)
    await big.mend()
    assert.equal((await fetchBytes(`${url}large`)).toString(), large)
    assert.match(server.log, /"msg":"a published file cannot be read"/)
    assert.match(server.log, /"reason":"EIO: i\/o error, read"/)
  })

  test('that cannot read a file is found by a download that verifies, which repairs it', options, async (t) => {
    const { server, url, upstream } = await aMirror(t)
    const disk = await failingSlot(server, { calls: reads, error: 'EIO', path: blobPath(server, large) })
    const requests = await upstream.requestsOf(async () => {
      requireFinished(await follow(server, await server.client.download('mirror', true)))
    })
    assert.ok((await disk.failures()) > 0)
    await disk.mend()
    assert.deepEqual(requests, ['large'])
    assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(before))
  })

  test('that fails under a fetch on demand tells the client, and the next one gets the file', options, async (t) => {
    const { server } = await aMirror(t)
    const folder = await temporaryFolder()
    const files = { small: 'small, on demand', big: randomBytes(2 * mebibyte).toString('hex') }
    await writePlainFiles(folder, files)
    const { feed } = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server, 'on-demand', { feed, download_policy: 'on_demand' })
    await syncWell(server, 'on-demand')
    const disk = await FailingDisk.of(server.pid, { calls: 'fdatasync', error: 'EIO' })
    assert.equal(await statusOf(`${url}small`), 503)
    const client = await ReadingClient.get(Number(new URL(url).port), `${new URL(url).pathname}big`)
    assert.equal(await client.body, undefined, 'the transfer is cut')
    assert.deepEqual(await recorded(server), new Set(Object.values(digestsOf(before))))
    assert.deepEqual(await temporaryFiles(server.dataDir), [])
    await disk.mend()
    assert.deepEqual(await publishedFiles(plainFiles, url), digestsOf(files))
  })

  /** With one worker, which has synced once. */
  async function aMirror(t: TestContext) {
    const settings = { DECKLE_WORKERS: '1' }
    const server = await startServer(t, {
      dataDir: await testFolder(t),
      databaseUrl: await fresh.preparedUrl(),
      settings,
    })
    const folder = await temporaryFolder()
    await writePlainFiles(folder, before)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeFilesMirror(server, 'mirror', { feed: upstream.feed })
    await syncWell(server, 'mirror')
    const update = async () => {
      await writePlainFiles(folder, after)
      await upstream.update()
    }
    return { server, url, upstream, update }
  }
})

function failingSlot(server: DeckleServer, fault: DiskFault): Promise<FailingDisk> {
  const [slot, ...others] = workerSlotsOf(server.pid)
  assert.ok(slot !== undefined && others.length === 0, 'one worker is there')
  return FailingDisk.of(slot.pid, fault)
}

function digestsOf(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, sha256(Buffer.from(text))]))
}

/** What is recorded as stored, but for the lists that were published; all of it is there and sound. */
async function recorded(server: DeckleServer): Promise<ReadonlySet<string>> {
  const digests = new Set<string>()
  for (const digest of await storedBlobs(server)) {
    const bytes = await readFile(pathOf(server, digest))
    assert.equal(sha256(bytes), digest)
    if (!/^kept-0,/m.test(bytes.toString()) && !/^small,/m.test(bytes.toString())) digests.add(digest)
  }
  return digests
}

function blobPath(server: DeckleServer, text = ''): string {
  return pathOf(server, sha256(Buffer.from(text)))
}

/** As `src/blobs/blob-paths.ts` draws the tree. */
function pathOf(server: DeckleServer, digest: string): string {
  return join(server.dataDir, 'blobs', digest.slice(0, 1), digest)
}

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import type { TaskReport } from '../src/clients/pulp-answers.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import type { Fault } from './support/fault.ts'
import { FaultProxy } from './support/fault-proxy.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, sync, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { isLong } from './support/project.ts'
import { fetchBytes, recordsOf, sha256, statusOf } from './support/published.ts'
import { sharedServer } from './support/servers.ts'
import { storm } from './support/storm.ts'
import {
  type Checksums,
  packages,
  plainFiles,
  publishedFiles,
  type Snapshot,
  type StormyKind,
} from './support/stormy-mirrors.ts'
import { temporaryFiles } from './support/temporary-files.ts'
import { Watcher } from './support/watcher.ts'

const mebibyte = 1024 * 1024
const rounds = isLong ? 20 : 2
const seed = Number(process.env['DECKLE_TEST_SEED'] ?? randomInt(1_000_000))
const builders = requireClients('rpmbuild', 'createrepo_c')

onOneDatabase(`a mirror in a storm of faults, DECKLE_TEST_SEED=${seed}`, (fresh) => {
  const server = sharedServer(fresh)

  for (const kind of [packages, plainFiles]) {
    for (const policy of ['immediate', 'on_demand'] as const) {
      const title = `of ${kind.name}, ${policy}, serves nothing wrong, says what is bad, and is whole once it is over`
      const options = { ...(kind === packages && builders), timeout: isLong ? 900_000 : 120_000 }
      test(title, options, async () => {
        const snapshots = await kind.snapshots(rounds + 1, policy)
        const [first] = snapshots
        assert.ok(first)
        const proxy = await FaultProxy.before(first.upstream)
        const config = { feed: proxy.feed, remove_missing: true, download_policy: policy }
        const id = `${kind.name}-${policy}`
        const url = await kind.make(server(), id, config)
        await syncWell(server(), id)
        assert.deepEqual(await listed(kind, url), first.files)

        const states = snapshots.map(({ files }) => files)
        const watcher = new Watcher({ kind, url, states, stored: policy === 'immediate' })
        proxy.choose = storm(seed, 0.35)
        for (const { upstream, files } of snapshots.slice(1)) {
          proxy.upstream = upstream
          await syncInStorm({ kind, url, files }, async () => sync(server(), id))
        }
        assert.ok((await watcher.stop()) > 0)
        assert.ok(proxy.answered.some(({ fault }) => fault !== undefined))

        proxy.calm()
        requireFinished(await sync(server(), id))
        await eventually(async () => isPublished(kind, url, snapshots.at(-1)))
        await eventually(async () => (await temporaryFiles(server().dataDir)).length === 0)
      })
    }
  }
})

onOneDatabase('a large file whose transfer breaks', (fresh) => {
  const server = sharedServer(fresh)
  const size = 9 * mebibyte

  for (const [title, fault] of [
    ['ends', (after: number): Fault => ({ kind: 'end', after })],
    ['is reset', (after: number): Fault => ({ kind: 'reset', after })],
    ['stops and is reset', (after: number): Fault => ({ kind: 'stall', after, milliseconds: 100 })],
  ] as const) {
    test(`because the connection ${title} goes on where it was, in a sync and on demand`, async () => {
      // Where a client waits, a source that breaks twice without much between is given up.
      for (const [policy, breaks] of [
        ['immediate', 3],
        ['on_demand', 1],
      ] as const) {
        const { proxy, url, text } = await aLargeFile(`${title.replaceAll(' ', '-')}-${policy}`, policy)
        proxy.choose = ({ path, nth }) => (path === 'large' && nth <= breaks ? fault(2 * mebibyte) : undefined)
        await syncWell(server(), url.id)
        assert.equal(sha256(await fetchBytes(`${url.href}large`)), sha256(Buffer.from(text)))
        const [whole, ...parts] = proxy.answersFor('large')
        assert.equal(whole?.from, undefined)
        assert.equal(parts.length, breaks)
        assert.ok(parts.every(({ status, from = 0 }) => status === 206 && from > 0))
        const sent = proxy.answersFor('large').reduce((sum, answer) => sum + answer.sent, 0)
        // What a reset catches on its way is lost, and has to come again.
        if (title === 'ends') assert.equal(sent, size)
        else assert.ok(sent <= size + breaks * 2 * mebibyte, `${sent} bytes were sent for ${size}`)
      }
    })
  }

  test('and goes on with another file is never put together from both', async () => {
    const { proxy, url, text } = await aLargeFile('changed', 'immediate')
    const other: Fault = { kind: 'other' }
    proxy.choose = ({ path, nth }) => {
      if (path !== 'large') return undefined
      return nth === 1 ? { kind: 'end', after: 2 * mebibyte } : other
    }
    const [task] = await sync(server(), url.id)
    assert.equal(task?.state, 'error')
    assert.match(task?.error?.description ?? '', /large/)
    assert.equal(await statusOf(`${url.href}large`), 404)
    const answers = proxy.answersFor('large').map(({ from, status }) => [from, status])
    assert.deepEqual(answers.slice(0, 2), [
      [undefined, 200],
      [2 * mebibyte, 200],
    ])
    proxy.calm()
    await syncWell(server(), url.id)
    assert.equal(sha256(await fetchBytes(`${url.href}large`)), sha256(Buffer.from(text)))
  })

  async function aLargeFile(id: string, policy: string) {
    const text = id.padEnd(size, `${id}\n`)
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { large: text })
    const proxy = await FaultProxy.before(await FolderUpstream.of(folder))
    const href = await makeFilesMirror(server(), id, { feed: proxy.feed, download_policy: policy })
    return { proxy, url: { id, href }, text }
  }
})

/** What a mirror that had the first state comes to when upstream goes from the second to the third in the middle of a sync. */
const changes = [
  {
    title: 'from its list of packages on is followed to its new state',
    kind: packages,
    at: (path: string) => path.startsWith('repodata/') && path.endsWith('primary.xml.gz'),
    comesTo: 'third',
  },
  {
    title: 'from its lists of files on is followed to its new state',
    kind: packages,
    at: (path: string) => path.endsWith('filelists.xml.gz'),
    comesTo: 'third',
  },
  {
    title: 'from its first package on is mirrored but for the packages that are gone, which are named',
    kind: packages,
    at: (path: string) => path.endsWith('.rpm'),
    comesTo: 'second',
  },
  {
    title: 'from its first file on is refused',
    kind: plainFiles,
    at: (path: string) => path !== 'PULP_MANIFEST',
    comesTo: 'first',
  },
] as const

onOneDatabase('an upstream that changes in the middle of a sync', (fresh) => {
  const server = sharedServer(fresh)

  for (const [index, { title, kind, at, comesTo }] of changes.entries()) {
    test(title, kind === packages ? builders : {}, async () => {
      const { url, id, proxy, first, second, third } = await aMirror(kind, `changing-${index}`)
      proxy.upstream = second.upstream
      proxy.onRequest = (path) => {
        if (at(path)) proxy.upstream = third.upstream
      }
      if (comesTo === 'second') {
        const bad = await syncInStorm({ kind, url, files: second.files }, () => sync(server(), id))
        assert.ok(bad.length > 0)
      } else {
        const [task] = await sync(server(), id)
        assert.equal(task?.state, comesTo === 'first' ? 'error' : 'finished')
        assert.deepEqual(await publishedFiles(kind, url), comesTo === 'first' ? first.files : third.files)
      }
      assert.equal(proxy.upstream, third.upstream)
      proxy.calm()
      await syncWell(server(), id)
      assert.deepEqual(await publishedFiles(kind, url), third.files)
    })
  }

  test('and has lists of two states is refused', builders, async () => {
    const { url, id, proxy, first, second, third } = await aMirror(packages, 'mixed')
    const lists = (snapshot: Snapshot) =>
      recordsOf(snapshot.upstream.read('repodata/repomd.xml').toString()).get('filelists')?.href ?? ''
    second.upstream.fail(lists(second), third.upstream.read(lists(third)))
    proxy.upstream = second.upstream
    const [task] = await sync(server(), id)
    assert.equal(task?.state, 'error')
    assert.match(task?.error?.description ?? '', /filelists/)
    assert.deepEqual(await publishedFiles(packages, url), first.files)
    await second.upstream.update()
    await syncWell(server(), id)
    assert.deepEqual(await publishedFiles(packages, url), second.files)
  })

  test('whose entrance is of yesterday and all else of today is refused', builders, async () => {
    const { url, id, proxy, first, second, third } = await aMirror(packages, 'stale')
    proxy.onRequest = (path) => {
      proxy.upstream = path.endsWith('repomd.xml') ? second.upstream : third.upstream
    }
    const [task] = await sync(server(), id)
    assert.equal(task?.state, 'error')
    assert.deepEqual(await publishedFiles(packages, url), first.files)
    proxy.upstream = third.upstream
    proxy.calm()
    await syncWell(server(), id)
    assert.deepEqual(await publishedFiles(packages, url), third.files)
  })

  /** It has the first of three states. */
  async function aMirror(kind: StormyKind, id: string) {
    const [first, second, third] = await kind.snapshots(3, id)
    assert.ok(first && second && third)
    const proxy = await FaultProxy.before(first.upstream)
    const config = { feed: proxy.feed, remove_missing: true }
    const url = await kind.make(server(), id, config)
    await syncWell(server(), id)
    assert.deepEqual(await publishedFiles(kind, url), first.files)
    return { url, id, proxy, first, second, third }
  }
})

interface Stormy {
  readonly kind: StormyKind
  readonly url: string
  /** What upstream has. */
  readonly files: Checksums
}

/** A sync publishes all that upstream has but for what its report calls bad, which it returns, or it publishes nothing. */
async function syncInStorm({ kind, url, files }: Stormy, run: () => Promise<TaskReport[]>): Promise<readonly string[]> {
  const before = await listed(kind, url)
  const [task] = await run()
  assert.ok(task)
  const published = await listed(kind, url)
  if (task.state === 'error') {
    assert.notEqual(task.error?.description ?? '', '')
    assert.deepEqual(published, before)
    return []
  }
  assert.equal(task.state, 'finished')
  const bad = kind.bad(task.progress_report)
  if (kind.allOrNothing) assert.deepEqual(bad, [])
  assert.deepEqual(published, without(files, bad))
  return bad
}

function listed(kind: StormyKind, url: string): Promise<Checksums> {
  return kind.listed(async (path) => Buffer.from(await (await fetch(url + path)).arrayBuffer()))
}

function without(files: Checksums, bad: readonly string[]): Checksums {
  for (const name of bad) assert.ok(name in files, `the report names ${name}, which upstream does not have`)
  return Object.fromEntries(Object.entries(files).filter(([name]) => !bad.includes(name)))
}

/** A fetch that began in the storm may still fail after it. */
async function isPublished(kind: StormyKind, url: string, last: Snapshot | undefined): Promise<boolean> {
  assert.ok(last)
  const found = await publishedFiles(kind, url).catch(() => undefined)
  if (found !== undefined) assert.deepEqual(found, last.files)
  return found !== undefined
}

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import type { NewDistributor } from '../../core/repository.ts'
import { decodeRope, type Rope } from '../../core/rope.ts'
import type { Task } from '../../core/task.ts'
import type { OpenDatabase } from '../../database/connection.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { anRpm, type TestPackage, yumRepository } from '../../testing/repodata.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'
import { openWorkBench, type WorkBench } from '../../testing/work-bench.ts'
import { createRepository } from '../manage-repositories.ts'
import { publishTask } from '../publish-repository.ts'
import { syncTask } from '../sync-repository.ts'
import { requestPromotion, requestRollback } from '../versions/take-over-version.ts'
import { readRope } from './read-rope.ts'

const web: NewDistributor = {
  id: 'web',
  type: 'yum_distributor',
  config: { relative_url: 'unset', http: true, https: false, open_checksum: 'always' },
  autoPublish: false,
}

/** Text that gzip makes little of: primary is beyond the size below which files are always written whole. */
function noise(seed: number): string {
  const hash = (part: number) => createHash('sha512').update(`${seed} ${part}`).digest('base64')
  return Array.from({ length: 40 }, (_, part) => hash(part)).join('')
}

const packages = Array.from({ length: 600 }, (_, index) =>
  anRpm({ name: `package-${index}`, href: `${index}.rpm`, description: noise(index) }),
)

onOneDatabase('a publication of a repository that has changed', (fresh) => {
  let opened: OpenDatabase
  let bench: WorkBench
  let folder: string
  let count = 0

  before(async () => {
    opened = await fresh.open()
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(opened, folder)
  })
  after(() => rm(folder, { recursive: true }))

  async function aRepository(feed?: string): Promise<string> {
    count += 1
    const id = `repository-${count}`
    const config = { feed: feed ?? '', download_policy: 'on_demand', remove_missing: true }
    const importer = feed === undefined ? {} : { importer: { type: 'yum_importer', config } }
    const distributors = [{ ...web, config: { ...web.config, relative_url: id } }]
    await createRepository(bench.services, { id, description: null, notes: {}, ...importer, distributors })
    return id
  }

  /** A mirror of an upstream that can change. */
  async function aMirror() {
    const upstream = await UpstreamServer.start()
    const id = await aRepository(upstream.url('/feed/'))
    return {
      id,
      async sync(list: readonly TestPackage[]) {
        const files = await yumRepository({ packages: list })
        for (const [path, bytes] of Object.entries(files)) upstream.put(`/feed/${path}`, bytes)
        await bench.run(syncTask(id))
      },
    }
  }

  async function publish(id: string, override = {}) {
    await bench.run(publishTask(id, 'web', override))
    return shown(id)
  }

  /** The live publication: its files by path, and where the bytes of the packages' files lie. */
  async function shown(id: string) {
    const { key } = await bench.services.repositories.distributor(id, 'web')
    const live = (await bench.services.publications.live(key)) ?? assert.fail()
    const { rows } = await opened.pool.query<{ path: string; sha256: Buffer; parts: Buffer }>(
      'SELECT path, sha256, parts FROM generated_file WHERE publication = $1 ORDER BY path',
      [live.id],
    )
    const files = rows.map(({ path, sha256 }) => `${path} ${sha256.toString('hex')}`)
    const rope = decodeRope(rows.find(({ path }) => path.includes('-primary.'))?.parts ?? assert.fail())
    return { live: live.id, version: live.version, files, rope, blobs: new Set(rope.map(({ sha256 }) => sha256)) }
  }

  async function sha256Of(rope: Rope): Promise<string> {
    const hash = createHash('sha256')
    for await (const chunk of readRope(bench.services.blobs, rope)) hash.update(chunk)
    return hash.digest('hex')
  }

  /** Fails unless publishing everything anew gives the very same files. */
  async function requireSameInFull(id: string, found: Awaited<ReturnType<typeof shown>>): Promise<void> {
    assert.ok(found.files.some((file) => file.endsWith(`-primary.xml.gz ${file.slice(9, 73)}`)))
    assert.equal(await sha256Of(found.rope), found.files.find((file) => file.includes('-primary.'))?.slice(9, 73))
    const full = await publish(id, { force_full: true })
    assert.deepEqual(full.files, found.files)
    assert.equal(full.rope.length, 1)
  }

  function blobPath(sha256 = ''): string {
    return bench.services.blobs.path?.(sha256) ?? assert.fail()
  }

  it('shares the bytes of what is as it was, and is what a full one would be', async () => {
    const { id, sync } = await aMirror()
    await sync(packages.slice(1))
    const first = await publish(id)
    assert.equal(first.rope.length, 1)
    await sync(packages)
    const second = await publish(id)
    assert.ok(second.rope.length > 2 && second.blobs.isSupersetOf(first.blobs))
    await sync(packages.slice(0, -1))
    const third = await publish(id)
    assert.ok(third.blobs.isSupersetOf(first.blobs))
    await requireSameInFull(id, third)
  })

  it('is built upon after a promotion too', async () => {
    const { id, sync } = await aMirror()
    await sync(packages.slice(1))
    const first = await publish(id)
    const production = await aRepository()
    await perform(await requestPromotion(bench.services, production, { sourceId: id, publish: true }))
    assert.deepEqual((await shown(production)).rope, first.rope)
    await sync(packages)
    await perform(await requestPromotion(bench.services, production, { sourceId: id, publish: false }))
    const second = await publish(production)
    assert.ok(second.blobs.isSupersetOf(first.blobs) && second.rope.length > 2)
    await requireSameInFull(production, second)
  })

  it('is what a full one would be after going back, and after what came then', async () => {
    const { id, sync } = await aMirror()
    await sync(packages.slice(1))
    await publish(id)
    await sync(packages.slice(0, -1))
    const second = await publish(id)
    await perform(await requestRollback(bench.services, id, { version: 1, publish: false }))
    const third = await publish(id)
    assert.ok(third.rope.length > 2 && third.blobs.intersection(second.blobs).size > 0)
    await requireSameInFull(id, third)
    await sync(packages)
    await requireSameInFull(id, await publish(id))
  })

  async function perform({ operation, arguments: args, tags, resources }: Task) {
    await bench.run({ operation, arguments: args, tags, resources })
  }

  it('is made in full, and the damage is mended, where what is stored has suffered', async () => {
    const damages = [
      (path: string) => rm(path),
      (path: string) => cutOff(path),
      (path: string) => overwrite(path, 700_000),
    ]
    for (const damage of damages) {
      const { id, sync } = await aMirror()
      await sync(packages.slice(1))
      const first = await publish(id)
      await damage(blobPath(first.rope[0]?.sha256))
      await sync(packages)
      const second = await publish(id)
      assert.equal(second.rope.length, 1)
      assert.equal(second.version, 2)
      // Its files are those of the first one, whose bytes had been damaged.
      await sync(packages.slice(1))
      await damage(blobPath(second.rope[0]?.sha256))
      const third = await publish(id)
      assert.deepEqual(third.files.slice(0, 3), first.files.slice(0, 3))
      await requireSameInFull(id, third)
      await deleteAll(id)
    }
  })

  async function deleteAll(id: string): Promise<void> {
    await bench.run({ operation: 'delete-repository', arguments: { repository: id }, tags: [], resources: [] })
  }

  it('writes a file whole again when its parts become too many', async () => {
    const { id, sync } = await aMirror()
    await sync(packages)
    const made = [await publish(id)]
    for (let change = 0; change < 5; change += 1) {
      await sync(packages.filter((_, index) => index % 120 !== change))
      made.push(await publish(id))
    }
    const parts = made.map(({ rope }) => rope.length)
    const torn = parts.findIndex((count) => count > 1)
    assert.ok(torn > 0 && parts.indexOf(1, torn) > torn, `${parts} parts`)
    await requireSameInFull(id, made.at(-1) ?? assert.fail())
  })
})

async function cutOff(path: string): Promise<void> {
  const file = await open(path, 'r+')
  await file.truncate(500_000)
  await file.close()
}

async function overwrite(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(Buffer.from('damaged'), 0, 7, at)
  await file.close()
}

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { blobStoreContract, errorOf, inChunks, putBytes, sha256, stageBytes } from '../testing/blob-store-contract.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { FileBlobStore, type FileBlobStoreOptions } from './file-blob-store.ts'

async function openStore(options: FileBlobStoreOptions = {}) {
  const root = await temporaryFolder()
  const store = await FileBlobStore.open(root, options)
  const staging = join(root, 'staging')
  return { root, staging, store, staged: async () => (await readdir(staging)).length }
}

blobStoreContract('FileBlobStore', openStore)

describe('FileBlobStore', () => {
  it('keeps a blob under its name in the folder of its first digit', async () => {
    const { root, store } = await openStore()
    const bytes = randomBytes(10)
    const { sha256: name } = await putBytes(store, bytes)
    assert.equal(store.path(name), join(root, name.slice(0, 1), name))
    assert.ok(bytes.equals(await readFile(store.path(name))))
  })

  it('finds its blobs again after a restart', async () => {
    const { root, store } = await openStore()
    const { sha256: name } = await putBytes(store, randomBytes(10))
    const again = await FileBlobStore.open(root)
    assert.equal(await again.size(name), 10)
  })

  it('leaves the file of a blob alone when the same bytes arrive again', async () => {
    const { store } = await openStore()
    const bytes = randomBytes(10)
    const { sha256: name } = await putBytes(store, bytes)
    const before = await stat(store.path(name))
    await putBytes(store, bytes)
    assert.equal((await stat(store.path(name))).ino, before.ino)
  })

  it('names a blob only after its bytes are durable, and then makes the name durable', async () => {
    const events: string[] = []
    const bytes = Buffer.from('durable')
    const name = sha256(bytes)
    const note = async (what: string, path: string) => {
      const isNamed = existsSync(join(dirname(dirname(path)), name.slice(0, 1), name))
      events.push(`${what}, ${isNamed ? 'named' : 'nameless'}`)
    }
    const { store } = await openStore({
      durability: {
        file: (path) => note('bytes', path),
        folder: async (path) => (path.endsWith(`/${name.slice(0, 1)}`) ? note('folder', join(path, name)) : undefined),
      },
    })
    await putBytes(store, bytes)
    assert.deepEqual(events, ['bytes, nameless', 'folder, named'])
  })

  it('names no blob of a batch when a flush fails, and wants all of it again: a second flush might lie', async () => {
    let failing = true
    const { store, staged } = await openStore({
      durability: {
        async file() {
          if (failing) throw Object.assign(new Error('EIO: the disk is on fire'), { code: 'EIO' })
        },
        async folder() {},
      },
    })
    const batch = [await stageBytes(store, Buffer.from('a')), await stageBytes(store, Buffer.from('b'))]
    await assert.rejects(store.commit(batch), (error: Error) => {
      assert.match(error.message, /the disk of .* fails .*on fire/)
      return errorOf('internal', 'disk_error')(error)
    })
    failing = false
    assert.equal(await staged(), 0)
    await assert.rejects(store.commit(batch), { code: 'ENOENT' })
    for (const blob of batch) assert.equal(await store.size(blob.sha256), undefined)
    await store.commit([await stageBytes(store, Buffer.from('a'))])
    assert.equal(await store.size(sha256(Buffer.from('a'))), 1)
  })

  it('flushes what has arrived ahead of the commit, which waits for the end of it, and flushes nothing twice', async () => {
    const gate = Promise.withResolvers<void>()
    const flushed: string[] = []
    const { store } = await openStore({
      durability: {
        async file(path) {
          flushed.push(path)
          await gate.promise
        },
        async folder() {},
      },
    })
    const staged = await Promise.all(Array.from({ length: 40 }, () => stageBytes(store, randomBytes(10))))
    const ahead = flushed.length
    assert.ok(ahead > 0 && ahead < staged.length, `${ahead} flushes had begun`)
    const early = staged.filter(({ handle }) => flushed.some((path) => path.endsWith(handle)))
    const sizes = () => Promise.all(early.map(({ sha256: name }) => store.size(name)))
    const committed = store.commit(early)
    // Time enough to give names, for a commit that does not wait.
    for (let look = 0; look < 20; look += 1) assert.deepEqual(new Set(await sizes()), new Set([undefined]))
    gate.resolve()
    await committed
    assert.deepEqual(new Set(await sizes()), new Set([10]))
    await store.commit(staged.filter((blob) => !early.includes(blob)))
    assert.equal(flushed.length, staged.length)
    assert.equal(new Set(flushed).size, staged.length)
  })

  it('puts whole bytes in the place of those that lost some', async () => {
    const { store } = await openStore()
    const bytes = randomBytes(10)
    const { sha256: name } = await putBytes(store, bytes)
    await writeFile(store.path(name), bytes.subarray(0, 4))
    await putBytes(store, bytes)
    assert.ok(bytes.equals(await readFile(store.path(name))))
  })

  for (const size of [10, 5 * 1024 * 1024]) {
    it(`says that the disk is full while ${size} bytes arrive, and cleans up`, {
      skip: !existsSync('/dev/full'),
    }, async () => {
      const { root, staged, store } = await openStore({
        // Every write to this device fails with ENOSPC.
        async createFile(path) {
          await writeFile(path, '')
          return await open('/dev/full', 'w')
        },
      })
      await assert.rejects(store.stage(inChunks(randomBytes(size))), (error: Error) => {
        assert.match(error.message, /no space is left/)
        assert.ok(error.message.includes(root))
        return errorOf('internal', 'disk_full')(error)
      })
      assert.equal(await staged(), 0)
    })
  }

  it('sweeps what dead processes of this machine left, and of others what is older than asked', async () => {
    const { staging, store, staged } = await openStore()
    const own = await stageBytes(store, randomBytes(10))
    const [host, pid, life] = own.handle.split('.')
    const dead = [`${host}.999999999.${life}.1`, `${host}.${pid}.another-life.1`, `another-host.${pid}.${life}.1`]
    const old = new Date(Date.now() - 60_000)
    for (const name of [...dead, own.handle]) {
      if (name !== own.handle) await writeFile(join(staging, name), '')
      await utimes(join(staging, name), old, old)
    }
    assert.equal(await store.sweepStaging(new Date(Date.now() - 120_000)), 2)
    assert.equal(await staged(), 2)
    assert.equal(await store.sweepStaging(new Date()), 1)
    assert.deepEqual(await readdir(staging), [own.handle])
  })
})

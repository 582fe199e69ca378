import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { UploadedFile } from '../core/upload.ts'
import { errorOf, inChunks } from '../testing/blob-store-contract.ts'
import { MemoryUploadRequests } from '../testing/memory-upload-requests.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { FileUploadStore, type FileUploadStoreOptions } from './file-upload-store.ts'

const maxBytes = 8 * 1024 * 1024

async function openStore(instead: Partial<FileUploadStoreOptions> = {}) {
  const folder = join(await temporaryFolder(), 'uploads')
  const requests = new MemoryUploadRequests()
  const options = { folder, requests, maxBytes, space: { shortage: async () => undefined }, ...instead }
  return { folder, requests, options, store: new FileUploadStore(options) }
}

async function bytesOf(file: UploadedFile, range?: { start: number; end: number }): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(file.read(range)))
}

async function* breaking(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
  throw new Error('the client is gone')
}

const chunk = (text: string) => inChunks(Buffer.from(text))

describe('the files of uploads', () => {
  it('hold chunks that came in any order, twice, and over each other', async () => {
    const { store } = await openStore()
    const id = await store.create()
    for (const [offset, text] of [
      [6, 'world'],
      [0, 'hello '],
      [6, 'world'],
      [3, 'LO w'],
    ] as const)
      await store.write(id, offset, chunk(text))
    const file = await store.open(id)
    assert.deepEqual([file.size, String(await bytesOf(file))], [11, 'helLO world'])
    assert.equal(String(await bytesOf(file, { start: 3, end: 4 })), 'LO')
    assert.equal(String(await bytesOf(file, { start: 9, end: 99 })), 'ld')
    assert.equal(String(await bytesOf(file, { start: 11, end: 99 })), '')
  })

  it('read gaps as zeros, and are empty until somebody writes', async () => {
    const { store } = await openStore()
    const id = await store.create()
    await store.write(id, 4, inChunks(Buffer.alloc(0)))
    assert.equal((await store.open(id)).size, 0)
    assert.equal((await bytesOf(await store.open(id))).length, 0)
    await store.write(id, 3, chunk('x'))
    assert.deepEqual(await bytesOf(await store.open(id)), Buffer.from('\0\0\0x'))
  })

  it('are what a model says after any writes, whichever process made them', async () => {
    const bench = await openStore()
    const other = new FileUploadStore(bench.options)
    const writes = fc.record({ offset: fc.nat(3_000), bytes: fc.uint8Array({ maxLength: 2_000 }), here: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(writes, { maxLength: 12 }), async (steps) => {
        const id = await bench.store.create()
        let model = Buffer.alloc(0)
        for (const { offset, bytes, here } of steps) {
          await (here ? bench.store : other).write(id, offset, inChunks(bytes, 700))
          if (bytes.length === 0) continue
          model = Buffer.concat([model, Buffer.alloc(Math.max(0, offset + bytes.length - model.length))])
          model.set(bytes, offset)
        }
        assert.deepEqual(await bytesOf(await other.open(id)), model)
        await other.delete(id)
      }),
      { numRuns: 30 },
    )
    assert.deepEqual(await readdir(bench.folder), [])
  })

  it('keep what was acknowledged when a chunk breaks off, and take that chunk once more', async () => {
    const { store } = await openStore()
    const [id, first, second] = [await store.create(), randomBytes(200_000), randomBytes(3_000_000)]
    await store.write(id, 0, inChunks(first))
    await assert.rejects(store.write(id, first.length, breaking(second.subarray(0, 1_500_000))), /client is gone/)
    assert.deepEqual(await bytesOf(await store.open(id), { start: 0, end: first.length - 1 }), first)
    await store.write(id, first.length, inChunks(second))
    assert.ok((await bytesOf(await store.open(id))).equals(Buffer.concat([first, second])))
  })

  it('take chunks side by side', async () => {
    const { store } = await openStore()
    const [id, bytes] = [await store.create(), randomBytes(400_000)]
    const offsets = [300_000, 0, 200_000, 100_000]
    await Promise.all(offsets.map((at) => store.write(id, at, inChunks(bytes.subarray(at, at + 100_000), 7_000))))
    assert.ok((await bytesOf(await store.open(id))).equals(bytes))
  })

  it('may not be larger than the setting says, which the error names', async () => {
    const { store } = await openStore()
    const id = await store.create()
    const tooLarge = { kind: 'invalid', message: /8388608 bytes.*uploads\.maxBytes/ }
    await store.write(id, maxBytes - 1, chunk('x'))
    await assert.rejects(store.write(id, maxBytes, chunk('x')), tooLarge)
    await assert.rejects(store.write(id, 0, inChunks(Buffer.alloc(maxBytes + 1))), tooLarge)
    await assert.rejects(store.write(id, Number.MAX_SAFE_INTEGER, chunk('x')), tooLarge)
    const untouched = (): never => assert.fail('the body was read')
    await assert.rejects(store.write(id, 1, { [Symbol.asyncIterator]: untouched }, maxBytes), tooLarge)
    assert.equal((await store.open(id)).size, maxBytes)
  })

  it('are flushed before a chunk counts as written, and their names before a request is told', async () => {
    const flushed: string[] = []
    const { store, folder } = await openStore({
      durability: { file: async () => undefined, folder: async (path) => void flushed.push(path) },
      openFile: async (path) => {
        const file = await open(path, 'r+')
        const datasync = file.datasync.bind(file)
        file.datasync = async () => {
          flushed.push(String((await file.stat()).size))
          await datasync()
        }
        return file
      },
    })
    const id = await store.create()
    await store.write(id, 2, chunk('abc'))
    assert.deepEqual(flushed, [folder, '5'])
  })

  it('say that the disk is full, or down to its floor', async () => {
    const full = await openStore({
      openFile: async (path) => {
        const file = await open(path, 'r+')
        file.writev = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
        return file
      },
    })
    await assert.rejects(full.store.write(await full.store.create(), 0, chunk('x')), errorOf('internal', 'disk_full'))
    const low = await openStore({ space: { shortage: async () => 'too little free space' } })
    const id = await low.store.create()
    await assert.rejects(low.store.write(id, 0, chunk('x')), errorOf('internal', 'disk_full'))
    assert.equal((await low.store.open(id)).size, 0)
  })

  it('are not made, read or left behind for requests that are not there', async () => {
    const { store, folder } = await openStore()
    const gone = await store.create()
    await store.delete(gone)
    for (const id of [gone, randomUUID(), 'no-uuid', '../../etc/passwd', '']) {
      const missing = { kind: 'not-found', details: { resources: { upload_request: id } } }
      await assert.rejects(store.write(id, 0, chunk('x')), missing)
      await assert.rejects(store.open(id), missing)
      await store.delete(id)
    }
    assert.deepEqual([await readdir(folder), await store.list()], [[], []])
  })

  it('do not outlive a request that is deleted while a chunk arrives', async () => {
    const { store, folder } = await openStore()
    const id = await store.create()
    const deleting = (async function* () {
      yield Buffer.from('a')
      await store.delete(id)
      yield Buffer.from('b')
    })()
    await assert.rejects(store.write(id, 0, deleting), errorOf('not-found'))
    assert.deepEqual(await readdir(folder), [])
  })
})

describe('the sweep of uploads', () => {
  it('removes what nobody wrote to for so long, not what an import still needs', async () => {
    const { store, requests, folder } = await openStore()
    const [idle, needed, busy] = [await store.create(), await store.create(), await store.create()]
    requests.importing.add(needed)
    requests.now = 100_000
    await store.write(busy, 0, chunk('x'))
    requests.now = 160_000
    assert.equal(await store.sweep(120), 1)
    assert.deepEqual(
      [await store.list(), (await readdir(folder)).toSorted()],
      [[needed, busy], [needed, busy].toSorted()],
    )
    await assert.rejects(store.open(idle), errorOf('not-found'))
    requests.importing.clear()
    assert.deepEqual([await store.sweep(120), await store.list()], [1, [busy]])
  })

  it('removes files that a crash left without a request, and nothing that is not an upload', async () => {
    const { store, folder } = await openStore()
    assert.equal(await store.sweep(120), 0)
    const id = await store.create()
    await writeFile(join(folder, randomUUID()), 'left')
    await writeFile(join(folder, 'README'), 'not ours')
    assert.equal(await store.sweep(120), 1)
    assert.deepEqual((await readdir(folder)).toSorted(), ['README', id].toSorted())
  })
})

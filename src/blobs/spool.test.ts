import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { errorOf, inChunks, sha256 } from '../testing/blob-store-contract.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { RunSpool } from './spool.ts'

const url = 'http://upstream.example/repodata/repomd.xml'

describe('RunSpool', () => {
  for (const size of [0, 1000, 256 * 1024, 3 * 1024 * 1024 + 7]) {
    it(`keeps a document of ${size} bytes that can be read as often as needed`, async () => {
      const spool = new RunSpool(await temporaryFolder())
      const bytes = randomBytes(size)
      const document = await spool.spool(inChunks(bytes), { size }, url)
      assert.deepEqual([document.sha256, document.size, document.url], [sha256(bytes), size, url])
      const [first, second] = await Promise.all([buffer(document.read()), buffer(document.read())])
      assert.ok(bytes.equals(first) && bytes.equals(second))
      await spool.dispose()
    })
  }

  it('lets a reader stop early without harm to the next one', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const bytes = randomBytes(2 * 1024 * 1024)
    const document = await spool.spool(inChunks(bytes), {}, url)
    for await (const _ of document.read()) break
    assert.ok(bytes.equals(await buffer(document.read())))
    await spool.dispose()
  })

  it('refuses a document that is not what was promised', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const expected = { digests: [{ algorithm: 'md5' as const, value: 'd41d8cd98f00b204e9800998ecf8427e' }] }
    const spooling = spool.spool(inChunks(randomBytes(1024 * 1024)), expected, url)
    await assert.rejects(spooling, errorOf('upstream', 'checksum_mismatch'))
  })

  it('leaves no name on disk, so that nothing survives the process', async () => {
    const folder = await temporaryFolder()
    const spool = new RunSpool(folder)
    await spool.spool(inChunks(randomBytes(1024 * 1024)), {}, url)
    const scratch = await spool.scratch()
    await scratch.append(randomBytes(1024 * 1024))
    assert.deepEqual(await readdir(folder), [])
    await spool.dispose()
  })

  it('frees its files when it is disposed of', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const document = await spool.spool(inChunks(randomBytes(1024 * 1024)), {}, url)
    await spool.dispose()
    await assert.rejects(buffer(document.read()))
    const late = await spool.scratch()
    await assert.rejects(late.append(randomBytes(1024 * 1024)), errorOf('internal'))
  })

  it('gives folders, and removes them with all that is in them', async () => {
    const folder = await temporaryFolder()
    const spool = new RunSpool(folder)
    const [one, two] = [await spool.folder(), await spool.folder()]
    await writeFile(join(one, 'file'), '')
    assert.equal((await readdir(folder)).length, 2)
    assert.notEqual(one, two)
    await spool.dispose()
    assert.deepEqual(await readdir(folder), [])
    await assert.rejects(spool.folder(), errorOf('internal'))
  })

  it('sweeps names that a crash left', async () => {
    const folder = join(await temporaryFolder(), 'spool')
    assert.equal(await RunSpool.sweep(folder, new Date()), 0)
    await writeFile(join(folder, 'another-host.1.x.1'), '')
    await mkdir(join(folder, 'another-host.1.x.2'))
    await writeFile(join(folder, 'another-host.1.x.2', 'file'), '')
    const old = new Date(Date.now() - 60_000)
    for (const name of await readdir(folder)) await utimes(join(folder, name), old, old)
    assert.equal(await RunSpool.sweep(folder, new Date()), 2)
    assert.deepEqual(await readdir(folder), [])
  })
})

describe('a scratch file', () => {
  it('gives back any piece of what was appended, at any time', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const step = fc.record({ append: fc.integer({ min: 0, max: 400_000 }), at: fc.nat(), length: fc.nat(300_000) })
    const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const scratch = await spool.scratch()
      let all = Buffer.alloc(0)
      for (const { append, at, length } of steps) {
        const bytes = randomBytes(append)
        assert.equal(await scratch.append(bytes), all.length)
        all = Buffer.concat([all, bytes])
        const offset = at % (all.length + 1)
        const read = Buffer.from(await scratch.read(offset, length))
        assert.ok(all.subarray(offset, offset + length).equals(read))
      }
    })
    await fc.assert(property, { numRuns: 30 })
    await spool.dispose()
  })

  it('keeps what was appended although the caller uses the memory again', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const scratch = await spool.scratch()
    const memory = Buffer.from('first')
    await scratch.append(memory)
    memory.fill('x')
    assert.equal(String(await scratch.read(0, 5)), 'first')
    await spool.dispose()
  })

  it('keeps appends that are under way at the same time apart', async () => {
    const spool = new RunSpool(await temporaryFolder())
    const scratch = await spool.scratch()
    const pieces = Array.from({ length: 20 }, () => randomBytes(100_000))
    const offsets = await Promise.all(pieces.map((piece) => scratch.append(piece)))
    for (const [index, piece] of pieces.entries()) {
      assert.ok(piece.equals(await scratch.read(offsets[index] ?? -1, piece.length)))
    }
    await spool.dispose()
  })
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { inOnePiece } from '../core/in-one-piece.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { TarReader } from './tar-reader.ts'
import { TarWriter } from './tar-writer.ts'

type Entries = readonly (readonly [name: string, body: Uint8Array])[]

const names = fc.stringMatching(/^[a-z][a-z0-9./-]{0,150}[a-z]$/)
const archives = fc.array(fc.tuple(names, fc.uint8Array({ maxLength: 3_000 })), { maxLength: 8 })

describe('a tar archive', () => {
  it('gives back what was written, however its bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(archives, fc.integer({ min: 1, max: 5_000 }), async (entries, piece) => {
        const read = await readAll(await write(entries), piece)
        assert.deepEqual(
          read,
          entries.map(([name, body]) => [name, Buffer.from(body)]),
        )
      }),
    )
  })

  it('is read by tar, which sees files for their owner only', async () => {
    const path = join(await temporaryFolder(), 'made.tar')
    writeFileSync(path, await write([['folder/file', Buffer.from('text')]]))
    assert.match(execFileSync('tar', ['tvf', path], { encoding: 'utf8' }), /^-rw------- .* 4 .* folder\/file\n$/)
  })

  it('lets bodies be skipped', async () => {
    const reader = readerOf(await write([...'abc'].map((name) => [name, Buffer.alloc(100_000)])), 1_000)
    const seen: string[] = []
    for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) seen.push(entry.name)
    assert.deepEqual(seen, ['a', 'b', 'c'])
  })

  it('that is cut off in an entry is refused, wherever the cut is', async () => {
    const bytes = await write([['only', Buffer.alloc(700)]])
    for (let end = 1; end < 512 + 1024; end += 37) {
      await assert.rejects(
        readAll(bytes.subarray(0, end), 512),
        { name: 'FormatError', fault: 'truncated' },
        `at ${end}`,
      )
    }
  })

  it('that is something else is refused', async () => {
    await assert.rejects(readAll(Buffer.alloc(2_000, 'text'), 512), { name: 'FormatError', fault: 'malformed' })
  })

  it('is not written when a body has another size than was said', async () => {
    const writer = new TarWriter(new Writable({ write: (_chunk, _encoding, done) => done() }), new Date(0))
    await assert.rejects(writer.add('short', 10, inOnePiece(Buffer.from('text'))))
  })

  it('fails with the fault of its output, also in the middle of an entry', async () => {
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no space left')) })
    const writer = new TarWriter(full, new Date(0))
    await assert.rejects(writer.add('large', 10_000_000, zeros(10_000_000)), /no space left/)
  })

  it('fails with the fault of its body', async () => {
    const writer = new TarWriter(new Writable({ write: (_chunk, _encoding, done) => done() }), new Date(0))
    await assert.rejects(writer.add('broken', 10, failing()), /the disk is broken/)
  })
})

async function write(entries: Entries): Promise<Buffer> {
  const chunks: Buffer[] = []
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  const writer = new TarWriter(output, new Date(0))
  for (const [name, body] of entries) await writer.add(name, body.length, inOnePiece(body))
  await writer.finish()
  return Buffer.concat(chunks)
}

async function readAll(bytes: Uint8Array, piece: number): Promise<[string, Buffer][]> {
  const reader = readerOf(bytes, piece)
  const read: [string, Buffer][] = []
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    const chunks: Uint8Array[] = []
    for await (const chunk of entry.body) chunks.push(chunk)
    read.push([entry.name, Buffer.concat(chunks)])
    assert.equal(entry.size, read.at(-1)?.[1].length)
  }
  return read
}

function readerOf(bytes: Uint8Array, piece: number): TarReader {
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
    bytes.subarray(index * piece, (index + 1) * piece),
  )
  return new TarReader(Readable.from(pieces))
}

async function* zeros(size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; left -= 1_000) yield new Uint8Array(Math.min(left, 1_000))
}

// biome-ignore lint/correctness/useYield: it fails before its first byte
async function* failing(): AsyncGenerator<Uint8Array> {
  throw new Error('the disk is broken')
}

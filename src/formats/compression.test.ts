import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { type Compression, compressionOf, decompress } from './compression.ts'
import { FormatError } from './format-error.ts'
import { gzip } from './gzip.ts'

/** What `bzip2 -9` makes of `hello bzip2\n`; nothing here can write bzip2. */
const bzip2Hello = Buffer.from(
  '425a6839314159265359ab6ba1f1000002d9800010400010001264c01020003100d34d04001ea3ef4e51a2078bb9229c284855b5d0f880',
  'hex',
)

const text = Array.from({ length: 400 }, (_, line) => `line ${line} ${Math.sin(line)}\n`).join('')

const compressors: Readonly<
  Record<Exclude<Compression, 'none' | 'bzip2'>, (bytes: string) => Buffer | Promise<Buffer>>
> = {
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  xz: compressXz,
}

async function compressXz(bytes: string): Promise<Buffer> {
  const { default: lzma } = await import('lzma-native')
  const encoder = lzma.createStream('easyEncoder', { preset: 1 })
  encoder.end(bytes)
  return Buffer.concat(await Array.fromAsync<Buffer>(encoder))
}

async function open(
  bytes: Uint8Array,
  compression: Compression,
  pieceSize = bytes.length,
  maxBytes?: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of decompress(pieces(bytes, pieceSize), compression, maxBytes)) parts.push(part)
  return Buffer.concat(parts)
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += Math.max(size, 1)) yield bytes.subarray(at, at + Math.max(size, 1))
}

function faultIs(fault: string): (error: unknown) => boolean {
  return (error) => error instanceof FormatError && error.fault === fault
}

for (const [name, compress] of Object.entries(compressors)) {
  const compression = name as keyof typeof compressors
  describe(`reading ${compression}`, () => {
    it('gives the bytes that went in, however the input is cut', async () => {
      const packed = await compress(text)
      for (const size of [1, 2, 3, 7, 64, 1000, packed.length]) {
        assert.equal((await open(packed, compression, size)).toString(), text, `pieces of ${size}`)
      }
    })

    it('reads what follows the first part to the end', async () => {
      const packed = Buffer.concat([await compress(text), await compress('second'), await compress('third')])
      for (const size of [1, 13, packed.length]) {
        assert.equal((await open(packed, compression, size)).toString(), `${text}secondthird`, `pieces of ${size}`)
      }
    })

    it('refuses input that is cut off at any byte, also within a second part', async () => {
      const first = await compress('first part')
      const packed = Buffer.concat([first, await compress('second part')])
      for (let length = 0; length < packed.length; length++) {
        if (length === first.length) continue
        await assert.rejects(open(packed.subarray(0, length), compression), faultIs('truncated'), `cut at ${length}`)
      }
    })

    it('refuses a damaged byte in the middle', async () => {
      const packed = await compress(text)
      const middle = packed.length >> 1
      packed.writeUInt8(packed.readUInt8(middle) ^ 0x10, middle)
      await assert.rejects(open(packed, compression), FormatError)
    })

    it('stops when the open bytes pass the limit', async () => {
      const packed = await compress('0'.repeat(5_000_000))
      await assert.rejects(open(packed, compression, undefined, 4_999_999), faultIs('too-large'))
      assert.equal((await open(packed, compression, undefined, 5_000_000)).length, 5_000_000)
    })

    it('lets the source go when its reader leaves early', async () => {
      const packed = await compress('0'.repeat(5_000_000))
      let released = false
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          yield* pieces(packed, 16)
        } finally {
          released = true
        }
      }
      for await (const _ of decompress(source(), compression)) break
      await new Promise((resolve) => setImmediate(resolve))
      assert.ok(released)
    })
  })
}

describe('reading zstd frames', () => {
  const skippable = Buffer.from('5d2a4d1803000000616263', 'hex')

  it('leaves out skippable frames', async () => {
    const packed = Buffer.concat([skippable, zstdCompressSync('one'), skippable, zstdCompressSync('two'), skippable])
    assert.equal((await open(packed, 'zstd', 1)).toString(), 'onetwo')
  })

  it('refuses a frame that is followed by something else', async () => {
    await assert.rejects(
      open(Buffer.concat([zstdCompressSync('one'), Buffer.from('rubbish')]), 'zstd'),
      faultIs('malformed'),
    )
  })

  it('reads any number of frames of any content, cut anywhere', async () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 200_000, size: 'max' }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 100, max: 100_000 }), async (contents, size) => {
        const packed = Buffer.concat(contents.map((content) => zstdCompressSync(content)))
        assert.deepEqual(await open(packed, 'zstd', size), Buffer.concat(contents))
      }),
      { numRuns: 20 },
    )
  })
})

describe('reading bzip2', () => {
  it('gives the bytes that went in, for one stream and for two, however the input is cut', async () => {
    for (const size of [1, 5, 200]) {
      assert.equal((await open(bzip2Hello, 'bzip2', size)).toString(), 'hello bzip2\n')
      assert.equal(
        (await open(Buffer.concat([bzip2Hello, bzip2Hello]), 'bzip2', size)).toString(),
        'hello bzip2\nhello bzip2\n',
      )
    }
  })

  it('refuses input that is cut off at any byte, also within a second stream', async () => {
    const packed = Buffer.concat([bzip2Hello, bzip2Hello])
    for (let length = 0; length < packed.length; length++) {
      if (length === bzip2Hello.length) continue
      await assert.rejects(open(packed.subarray(0, length), 'bzip2'), faultIs('truncated'), `cut at ${length}`)
    }
  })

  it('refuses a damaged block', async () => {
    const damaged = Buffer.from(bzip2Hello)
    damaged.writeUInt8(damaged.readUInt8(10) ^ 1, 10)
    await assert.rejects(open(damaged, 'bzip2'), faultIs('malformed'))
  })
})

describe('reading what is not compressed', () => {
  it('passes the bytes on, within the limit', async () => {
    assert.equal((await open(Buffer.from('plain'), 'none')).toString(), 'plain')
    await assert.rejects(open(Buffer.from('plain'), 'none', 2, 4), faultIs('too-large'))
  })
})

describe('the compression of a file', () => {
  it('is told by its extension', () => {
    const cases: Record<string, Compression> = {
      'primary.xml': 'none',
      'primary.xml.gz': 'gzip',
      'primary.xml.GZ': 'gzip',
      'primary.xml.bz2': 'bzip2',
      'primary.xml.xz': 'xz',
      'primary.xml.zst': 'zstd',
      'a.constructor': 'none',
      'no extension': 'none',
    }
    for (const [name, compression] of Object.entries(cases)) assert.equal(compressionOf(name), compression, name)
  })
})

describe('writing gzip', () => {
  it('gives equal bytes for equal input, cut in any way, and no time stamp', async () => {
    const whole = Buffer.concat(await Array.fromAsync(gzip(pieces(Buffer.from(text), 100_000))))
    const cut = Buffer.concat(await Array.fromAsync(gzip(pieces(Buffer.from(text), 11))))
    assert.deepEqual(cut, whole)
    assert.equal(whole.readUInt32LE(4), 0)
    assert.equal((await open(whole, 'gzip')).toString(), text)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { packageTags, rpmFile, type Tags } from '../../testing/rpm-file.ts'
import { FormatError, type FormatFault } from '../format-error.ts'
import { type PackageHead, readPackageHead } from './package-head.ts'
import { rpmTags, signatureTags } from './rpm-tags.ts'

const small = rpmFile({ header: packageTags() })
/** Where things stand in `small`. */
const signatureStart = 96
const headerStart = signatureStart + 48

async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const read = (bytes: Buffer) => readPackageHead([bytes])

function withNumber(at: number, value: number): Buffer {
  const bytes = Buffer.from(small)
  bytes.writeUInt32BE(value, at)
  return bytes
}

function refuses(bytes: Buffer, fault: FormatFault, message: RegExp): Promise<void> {
  const isThat = (error: unknown) =>
    error instanceof FormatError && error.fault === fault && message.test(error.message)
  return assert.rejects(read(bytes), isThat)
}

/** Everything that can be asked of it. */
function readAll({ header, signature }: PackageHead): void {
  for (const tag of [...Object.values(rpmTags), ...Object.values(signatureTags)]) {
    for (const part of [header, signature]) {
      part.text(tag)
      part.binary(tag)
      for (const _ of part.texts(tag));
      for (const _ of part.numbers(tag));
    }
  }
}

describe('the head of a package file', () => {
  it('gives its tags, however the file is cut into pieces', async () => {
    const tags: Tags = [
      [rpmTags.epoch, { int32: [7] }],
      [rpmTags.fileModes, { int16: [0o100644, 0o040755] }],
      [rpmTags.longSize, { int64: [5_000_000_000n] }],
      [rpmTags.dirNames, { texts: ['/a/', '', '/größe/'] }],
      [rpmTags.description, { i18n: ['first', 'second'] }],
    ]
    const file = rpmFile({
      header: packageTags(tags),
      signature: [[signatureTags.pgp, { binary: Buffer.from('sig') }]],
    })
    for (const length of [1, 7, 4096]) {
      const { header, signature, headerRange } = await readPackageHead(inPieces(file, length))
      assert.equal(header.text(rpmTags.name)?.toString(), 'bear')
      assert.equal(header.text(rpmTags.description)?.toString(), 'first')
      assert.equal(header.number(rpmTags.epoch), 7)
      assert.equal(header.number(rpmTags.longSize), 5_000_000_000)
      assert.deepEqual([...header.numbers(rpmTags.fileModes)], [0o100644, 0o040755])
      assert.deepEqual([...header.texts(rpmTags.dirNames)].map(String), ['/a/', '', '/größe/'])
      assert.equal(signature.binary(signatureTags.pgp)?.toString(), 'sig')
      assert.equal(headerRange.end, file.length - 'payload'.length)
      assert.deepEqual([...file.subarray(headerRange.start, headerRange.start + 3)], [0x8e, 0xad, 0xe8])
    }
  })

  it('takes a tag of another type for absent', async () => {
    const { header } = await read(rpmFile({ header: packageTags([[rpmTags.epoch, '7']]) }))
    assert.deepEqual([header.number(rpmTags.epoch), header.binary(rpmTags.name)], [undefined, undefined])
    assert.deepEqual([...header.texts(rpmTags.description)], [])
    assert.equal(header.text(rpmTags.headerImmutable), undefined)
  })

  it('is read without what follows', async () => {
    let taken = 0
    const endless = async function* () {
      yield small
      for (;;) {
        taken += 1
        yield Buffer.alloc(1)
      }
    }
    await readPackageHead(endless())
    assert.equal(taken, 0)
  })

  it('is refused when it is cut off anywhere', async () => {
    for (let length = 0; length < small.length - 'payload'.length; length++)
      await refuses(small.subarray(0, length), 'truncated', /cut off/)
  })

  it('is refused when it is something else', async () => {
    await refuses(Buffer.alloc(200, 'x'), 'malformed', /does not begin as an RPM package/)
    await refuses(Buffer.concat([Buffer.from('drpm'), small]), 'malformed', /delta/)
    await refuses(withNumber(signatureStart, 0), 'malformed', /its signature does not begin/)
    await refuses(withNumber(headerStart, 0), 'malformed', /its header does not begin/)
  })

  it('is refused when it announces more than a package has, before any of that is read', async () => {
    for (const start of [signatureStart, headerStart]) {
      await refuses(withNumber(start + 8, 0x10000), 'too-large', /65536 tags/)
      await refuses(withNumber(start + 12, 64 * 1024 ** 2 + 1), 'too-large', /67108865 bytes/)
    }
  })

  it('is refused when its index does not fit its data', async () => {
    const first = headerStart + 16 + 16
    const changes: [at: number, value: number, message: RegExp][] = [
      [first + 4, 0, /unknown type 0/],
      [first + 4, 10, /unknown type 10/],
      [first + 8, 0xffff_ffff, /outside/],
      [first + 12, 0, /no values/],
      [first + 12, 9, /beyond its place/],
      [first + 16, rpmTags.name, /twice/],
    ]
    for (const [at, value, message] of changes) await refuses(withNumber(at, value), 'malformed', message)
    await refuses(withNumber(first + 12, 2_000_000), 'too-large', /2000000 values/)
    // The second entry shares the bytes of the first.
    await refuses(withNumber(first + 16 + 8, 0), 'malformed', /beyond its place/)
  })

  it('is read or refused, whatever bytes are changed in it', async () => {
    const change = fc.tuple(fc.nat(small.length - 1), fc.nat(255))
    const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 200_000 : 3000
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        const bytes = Buffer.from(small)
        for (const [at, value] of changes) bytes[at] = value
        await read(bytes).then(readAll, (error) => assert.ok(error instanceof FormatError, error))
      }),
      { numRuns: runs },
    )
  })
})

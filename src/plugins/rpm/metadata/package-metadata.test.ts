import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { DeckleError } from '../../../core/errors.ts'
import { MetadataDocument } from './metadata-document.ts'
import { namespaces } from './namespaces.ts'
import { PackageMetadata } from './package-metadata.ts'

const start = (count: number) =>
  `<metadata xmlns="${namespaces.common}" xmlns:rpm="${namespaces.rpm}" packages="${count}">`
const end = '</metadata>'

function metadata(pieces: readonly string[], tolerant = false): PackageMetadata {
  const document = {
    url: '',
    sha256: '',
    size: 0,
    digests: {},
    read: () => Readable.from(pieces.map((piece) => Buffer.from(piece))),
  }
  return new PackageMetadata(new MetadataDocument(document, { type: 'primary', href: 'primary.xml' }), { tolerant })
}

async function read(from: PackageMetadata): Promise<Buffer[]> {
  return (await Array.fromAsync(from.packages())).flat()
}

describe('a list of packages', () => {
  it('ends where there are more than anybody has', async () => {
    const piece = '<package/>'.repeat(10_000)
    const pieces = (count: number) => [start(count * 10_000), ...Array<string>(count).fill(piece), end]
    assert.equal((await read(metadata(pieces(100)))).length, 1_000_000)
    const isRefused = (error: unknown) => error instanceof DeckleError && error.details.code === 'RPM1015'
    await assert.rejects(read(metadata(pieces(101))), isRefused)
  })

  it('tells the packages that are broken, where it is tolerant', async () => {
    const text = [start(2), '<package><name>good</name></package><package>&what;</package>', end]
    const tolerant = metadata(text, true)
    assert.deepEqual(
      (await read(tolerant)).map((snippet) => tolerant.isBroken(snippet)),
      [false, true],
    )
    const isNotParsed = (error: unknown) => error instanceof DeckleError && error.details.code === 'RPM1006'
    await assert.rejects(read(metadata(text)), isNotParsed)
  })
})

import { ByteReader } from '../../../formats/byte-reader.ts'
import { type Compression, decompress } from '../../../formats/compression.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { readPackageHead } from '../../../formats/rpm/package-head.ts'
import type { Bytes } from '../../../formats/transformed.ts'
import { readRpmPackage } from '../package/rpm-package.ts'
import type { Delta } from './delta-unit.ts'

/** More than the order of all files of any package takes. */
const maxSequenceBytes = 32 * 1024
const maxNameBytes = 1024

/**
 * What a delta package says of itself. Its header is that of the package that it makes; what it is made from stands at the beginning of
 * its payload: `DLT3`, the older build's name and a sequence, each after its length. Throws a FormatError for what is none.
 */
export async function readDeltaPackage(open: (from: number) => AsyncIterable<Uint8Array>): Promise<Delta> {
  const head = await readPackageHead(open(0))
  const { kind, name, epoch, version, release, arch } = readRpmPackage(head)
  if (kind !== 'delta') throw new FormatError('malformed', 'it is a package itself, not a delta (drpm)')
  const payload = () => open(head.headerRange.end)
  const { source, sequence } = await readPayload(decompress(payload(), await compressionOf(payload())))
  const [, oldEpoch, oldVersion, oldRelease] = /^.+-(?:(\d+):)?([^-]+)-([^-]+)$/.exec(source) ?? []
  if (oldVersion === undefined || oldRelease === undefined)
    throw new FormatError('malformed', 'its payload does not say what it is a delta to')
  const old = { oldEpoch: oldEpoch ?? '0', oldVersion, oldRelease }
  return { name, epoch, version, release, arch, ...old, sequence: `${source}-${sequence}` }
}

async function readPayload(payload: Bytes): Promise<{ source: string; sequence: string }> {
  const reader = new ByteReader(payload)
  try {
    const magic = (await reader.take(4)).toString('latin1')
    if (!/^DLT[23]$/.test(magic)) throw new FormatError('malformed', 'its payload is none of a delta package')
    const source = (await readPart(reader, maxNameBytes)).toString('utf8').replace(/\0+$/, '')
    return { source, sequence: (await readPart(reader, maxSequenceBytes)).toString('hex') }
  } finally {
    await reader.close()
  }
}

async function readPart(reader: ByteReader, most: number): Promise<Buffer> {
  const length = (await reader.take(4)).readUInt32BE()
  if (length > most)
    throw new FormatError('too-large', `a part of its payload has ${length} bytes, at most ${most} are read`)
  return reader.take(length)
}

/** First bytes of compressed data, hexadecimal. */
const compressions: readonly (readonly [string, Compression])[] = [
  ['1f8b', 'gzip'],
  ['425a68', 'bzip2'],
  ['fd377a58', 'xz'],
  ['5d0000', 'xz'],
  ['28b52ffd', 'zstd'],
]

async function compressionOf(packed: Bytes): Promise<Compression> {
  const reader = new ByteReader(packed)
  try {
    const magic = (await reader.take(4)).toString('hex')
    return compressions.find(([start]) => magic.startsWith(start))?.[1] ?? 'none'
  } finally {
    await reader.close()
  }
}

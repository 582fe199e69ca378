import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gunzipSync } from 'node:zlib'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { describePackage, type PackageElements } from './large-package.ts'
import { writeMetadata } from './repository-metadata.ts'
import { buildPackages, type PackageSpec } from './rpm-packages.ts'

const kinds = {
  primary: { root: 'metadata', space: 'common', more: ' xmlns:rpm="http://linux.duke.edu/metadata/rpm"' },
  filelists: { root: 'filelists', space: 'filelists', more: '' },
  other: { root: 'otherdata', space: 'other', more: '' },
} as const
type Kind = keyof typeof kinds

/** As createrepo_c lists packages, or in an order that neither names nor builds explain. */
export type PackageListing = 'by name' | 'mixed'

/**
 * Makes a repository whose metadata describes `count` packages, of which only `real` ones exist. 50,000 make 390 MB of
 * metadata, about what a whole distribution has. Returns the paths of the metadata files.
 */
export async function makeLargeRepository(
  folder: string,
  count: number,
  real: readonly PackageSpec[],
  listing: PackageListing = 'by name',
): Promise<string[]> {
  await buildPackages(folder, real)
  await writeMetadata(folder)
  const elements = await realElements(folder)
  const repodata = join(folder, 'repodata')
  const order = listing === 'mixed' ? inMixedOrder(count) : inOrderOfNames(count)
  const records: string[] = []
  for (const kind of Object.keys(kinds) as Kind[]) {
    records.push(await writeKind(repodata, kind, texts(kind, order, elements)))
  }
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo">\n'
  await writeFile(join(repodata, 'repomd.xml'), `${head}  <revision>1</revision>\n${records.join('')}</repomd>\n`)
  const names = await readdir(repodata)
  return names.filter((name) => name.startsWith('large-')).map((name) => join(repodata, name))
}

/** What createrepo_c wrote between the root tags. */
async function realElements(folder: string): Promise<PackageElements> {
  const names = await readdir(join(folder, 'repodata'))
  const read = async (kind: Kind) => {
    const name = names.find((entry) => entry.endsWith(`-${kind}.xml.gz`)) ?? ''
    const text = gunzipSync(await readFile(join(folder, 'repodata', name))).toString()
    return text.slice(text.indexOf('<package '), text.lastIndexOf('</package>') + '</package>\n'.length)
  }
  return { primary: await read('primary'), filelists: await read('filelists'), other: await read('other') }
}

function* texts(kind: Kind, order: readonly number[], real: PackageElements): Generator<string> {
  const { root, space, more } = kinds[kind]
  const packages = order.length + (real.primary.match(/<package /g) ?? []).length
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://linux.duke.edu/metadata/${space}"${more} packages="${packages}">\n`
  for (const index of order) yield describePackage(index)[kind]
  yield `${real[kind]}</${root}>\n`
}

function inOrderOfNames(count: number): readonly number[] {
  const names = Array.from({ length: count }, (_, index) => describePackage(index).primary.slice(0, 100))
  return [...names.keys()].sort((one, two) => ((names[one] ?? '') < (names[two] ?? '') ? -1 : 1))
}

/** A shuffle (Fisher and Yates), the same each time. */
function inMixedOrder(count: number): readonly number[] {
  const random = new SeededRandom(count)
  const order = Array.from({ length: count }, (_, index) => index)
  for (let index = count - 1; index > 0; index -= 1) {
    const other = random.below(index + 1)
    ;[order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0]
  }
  return order
}

/** Writes one file and returns its record for repomd.xml. */
async function writeKind(repodata: string, kind: Kind, parts: Iterable<string>): Promise<string> {
  await mkdir(repodata, { recursive: true })
  const path = join(repodata, `.${kind}`)
  const open = createHash('sha256')
  let openSize = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      open.update(chunk)
      openSize += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(Readable.from(inPieces(parts)), measure, createGzip({ level: 5 }), createWriteStream(path))
  const sum = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  const name = `large-${sum}-${kind}.xml.gz`
  await rename(path, join(repodata, name))
  const { size } = await stat(join(repodata, name))
  return `  <data type="${kind}">
    <checksum type="sha256">${sum}</checksum>
    <open-checksum type="sha256">${open.digest('hex')}</open-checksum>
    <location href="repodata/${name}"/>
    <timestamp>1700000000</timestamp>
    <size>${size}</size>
    <open-size>${openSize}</open-size>
  </data>\n`
}

function* inPieces(parts: Iterable<string>): Generator<Buffer> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < 256 * 1024) continue
    yield Buffer.from(piece)
    piece = ''
  }
  yield Buffer.from(piece)
}

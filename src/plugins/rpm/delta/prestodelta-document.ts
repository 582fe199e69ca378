import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { MetadataWriter } from '../metadata/metadata-writer.ts'
import { XmlSnippet } from '../package/xml-snippet.ts'
import type { PublishedContent, YumPublishRun } from '../published-content.ts'
import { type Delta, deltaType, toDelta } from './delta-unit.ts'

type Run = Pick<YumPublishRun, 'units' | 'signal'>

/** prestodelta.xml. The files themselves are where it says by the layout. */
export const publishedDeltas: PublishedContent = {
  contentTypes: [deltaType.id],
  step: 'drpms',
  async *files(run, { timestamp }) {
    const { checksumType, compression } = run.config
    const writer = new MetadataWriter({ type: 'prestodelta', checksumType, compression, timestamp }, document(run))
    yield writer.generatedFile()
    return [writer.record()]
  },
}

/** Deltas that make the same package stand together. */
const order = ['new_package', 'epoch', 'version', 'release', 'arch', 'filename']

async function* document(run: Run): AsyncGenerator<Uint8Array> {
  yield Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<prestodelta>\n')
  let open: Delta | undefined
  for await (const { unit } of run.units({ types: [deltaType.id], order })) {
    run.signal.throwIfAborted()
    const delta = toDelta(unit.metadata)
    if (open === undefined || !makeTheSame(open, delta)) {
      if (open !== undefined) yield newPackageEnd
      yield newPackageStart(delta)
      open = delta
    }
    yield printDelta(delta, unit.metadata)
  }
  if (open !== undefined) yield newPackageEnd
  yield Buffer.from('</prestodelta>\n')
}

const newPackageEnd = Buffer.from('  </newpackage>\n')

function makeTheSame(one: Delta, two: Delta): boolean {
  return (['name', 'epoch', 'version', 'release', 'arch'] as const).every((field) => one[field] === two[field])
}

function newPackageStart({ name, epoch, version, release, arch }: Delta): Buffer {
  const xml = new XmlSnippet()
  xml.open(1, 'newpackage', { name, epoch, version, release, arch })
  return xml.bytes()
}

function printDelta(
  delta: Delta,
  { filename, size, checksumtype, checksum }: UnitWithDocuments['unit']['metadata'],
): Buffer {
  const xml = new XmlSnippet()
  xml.open(2, 'delta', { oldepoch: delta.oldEpoch, oldversion: delta.oldVersion, oldrelease: delta.oldRelease })
  xml.leaf(3, 'filename', String(filename))
  xml.leaf(3, 'sequence', delta.sequence)
  if (size !== undefined) xml.leaf(3, 'size', String(size))
  xml.leaf(3, 'checksum', String(checksum), { type: String(checksumtype) })
  xml.close(2, 'delta')
  return xml.bytes()
}

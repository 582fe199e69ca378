import { createHash } from 'node:crypto'
import type { DigestAlgorithm } from '../../../core/digest.ts'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { inLargerPieces } from '../../../formats/in-larger-pieces.ts'
import { MetadataWriter } from '../metadata/metadata-writer.ts'
import type { RepomdRecord } from '../metadata/repomd.ts'
import type { PublishedContent, YumPublishRun } from '../published-content.ts'
import { compsTypes } from './comps-types.ts'

type Run = Pick<YumPublishRun, 'config' | 'units' | 'signal'>

const lineEnd = Buffer.from('\n')

/**
 * comps.xml, which gzip leaves as it is (pulp2-types §5.9): yum of RHEL 7 reads no other. Who asks for zstd has no such clients, which
 * could not read primary either.
 */
export const publishedComps: PublishedContent = {
  contentTypes: compsTypes.map(({ id }) => id),
  step: 'comps',
  async *files(run, { timestamp }) {
    const { checksumType, compression } = run.config
    if (compression !== 'gzip') return yield* packedComps(run, timestamp)
    const written = { value: '', size: 0 }
    yield compsFile(compsDocument(run), checksumType, written)
    return [compsRecord({ algorithm: checksumType, timestamp, ...written })]
  },
}

async function* packedComps(run: Run, timestamp: number): AsyncGenerator<GeneratedFile, readonly RepomdRecord[]> {
  const { checksumType, compression } = run.config
  const plan = { type: 'group', name: 'comps', checksumType, compression, timestamp }
  const writer = new MetadataWriter(plan, compsDocument(run))
  yield writer.generatedFile()
  return [writer.record()]
}

/** What is known of the file once it was stored: its checksum and its bytes. */
interface Written {
  value: string
  size: number
}

function compsFile(document: AsyncIterable<Uint8Array>, algorithm: DigestAlgorithm, written: Written): GeneratedFile {
  async function* body() {
    const hash = createHash(algorithm)
    for await (const chunk of inLargerPieces(document)) {
      hash.update(chunk)
      written.size += chunk.length
      yield chunk
    }
    written.value = hash.digest('hex')
  }
  return { path: () => pathOf(written.value), mediaType: 'application/xml', body: body() }
}

function compsRecord({
  algorithm,
  timestamp,
  value,
  size,
}: Written & { algorithm: DigestAlgorithm; timestamp: number }): RepomdRecord {
  return { type: 'group', href: pathOf(value), checksum: { algorithm, value }, timestamp, size }
}

function pathOf(checksum: string): string {
  return `repodata/${checksum}-comps.xml`
}

/** Every unit as its upstream has it, in the order of its upstream; those of one place by their ids. */
async function* compsDocument(run: Run): AsyncGenerator<Uint8Array> {
  yield Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<comps>\n')
  for (const { id: type, documents: names } of compsTypes) {
    if (run.config.skip.includes(type)) continue
    for await (const { documents } of run.units({ types: [type], order: ['position', 'id'], documents: names })) {
      run.signal.throwIfAborted()
      yield documents['element'] ?? Buffer.alloc(0)
      yield lineEnd
    }
  }
  yield Buffer.from('</comps>\n')
}

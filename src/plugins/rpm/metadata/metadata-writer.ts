import { createHash } from 'node:crypto'
import type { DigestAlgorithm } from '../../../core/digest.ts'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { DeckleError } from '../../../core/errors.ts'
import { inLargerPieces } from '../../../formats/in-larger-pieces.ts'
import { type MetadataCompressionName, metadataCompressions } from './metadata-compression.ts'
import type { RepomdRecord } from './repomd.ts'

export interface MetadataPlan {
  /** As repomd.xml names it: `primary`, `updateinfo` … */
  readonly type: string
  /** What the file is called after its checksum; the type when absent. */
  readonly name?: string
  readonly checksumType: DigestAlgorithm
  /** Default XML. */
  readonly format?: 'xml' | 'yaml' | 'sqlite'
  /** Default gzip. */
  readonly compression?: MetadataCompressionName
  /** Unix time, seconds. */
  readonly timestamp: number
}

interface Measure {
  readonly checksum: string
  readonly size: number
}

/**
 * Writes a text that repomd.xml lists: compressed while it comes, never held in memory, named by its checksum. `record` tells
 * what repomd.xml has to say of it, once it is stored.
 */
export class MetadataWriter {
  readonly #plan: MetadataPlan
  readonly #document: AsyncIterable<Uint8Array>
  #open: Measure | undefined
  #packed: Measure | undefined

  /** `document` is the open bytes. */
  constructor(plan: MetadataPlan, document: AsyncIterable<Uint8Array>) {
    this.#plan = plan
    this.#document = document
  }

  generatedFile(): GeneratedFile {
    return { path: () => this.#path(), mediaType: this.#compression.mediaType, body: this.#body() }
  }

  /** Only after the file was stored. */
  record(): RepomdRecord {
    const { type, checksumType: algorithm, timestamp } = this.#plan
    const [open, packed] = [measured(this.#open), measured(this.#packed)]
    return {
      type,
      href: this.#path(),
      checksum: { algorithm, value: packed.checksum },
      openChecksum: { algorithm, value: open.checksum },
      timestamp,
      size: packed.size,
      openSize: open.size,
    }
  }

  get #compression() {
    return metadataCompressions[this.#plan.compression ?? 'gzip']
  }

  #path(): string {
    const { type, name = type, format = 'xml' } = this.#plan
    return `repodata/${measured(this.#packed).checksum}-${name}.${format}${this.#compression.suffix}`
  }

  #body(): AsyncIterable<Uint8Array> {
    const open = this.#measuring(inLargerPieces(this.#document), (measure) => {
      this.#open = measure
    })
    return this.#measuring(this.#compression.compress(open), (measure) => {
      this.#packed = measure
    })
  }

  async *#measuring(chunks: AsyncIterable<Uint8Array>, done: (measure: Measure) => void): AsyncGenerator<Uint8Array> {
    const hash = createHash(this.#plan.checksumType)
    let size = 0
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
    done({ checksum: hash.digest('hex'), size })
  }
}

function measured(measure: Measure | undefined): Measure {
  if (measure === undefined)
    throw new DeckleError('internal', 'a metadata file was asked for its checksum before it was stored')
  return measure
}

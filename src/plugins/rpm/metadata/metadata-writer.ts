import { createHash } from 'node:crypto'
import type { DigestAlgorithm } from '../../../core/digest.ts'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { DeckleError } from '../../../core/errors.ts'
import { gzip } from '../../../formats/gzip.ts'
import { inLargerPieces } from '../../../formats/in-larger-pieces.ts'
import { type PackageFile, rootStartTag, roots } from './namespaces.ts'
import type { RepomdRecord } from './repomd.ts'

export interface MetadataPlan {
  readonly file: PackageFile
  /** How many snippets there will be: the file says so in front of them. */
  readonly packages: number
  readonly checksumType: DigestAlgorithm
  /** Unix time, seconds. */
  readonly timestamp: number
}

interface Measure {
  readonly checksum: string
  readonly size: number
}

/**
 * Writes primary, filelists or other: compressed while it comes, never held in memory, named by its checksum. `record` tells
 * what repomd.xml has to say of it, once it is stored.
 */
export class MetadataWriter {
  readonly #plan: MetadataPlan
  readonly #snippets: AsyncIterable<Uint8Array>
  #open: Measure | undefined
  #packed: Measure | undefined

  constructor(plan: MetadataPlan, snippets: AsyncIterable<Uint8Array>) {
    this.#plan = plan
    this.#snippets = snippets
  }

  generatedFile(): GeneratedFile {
    return { path: () => this.#path(), mediaType: 'application/gzip', body: this.#body() }
  }

  /** Only after the file was stored. */
  record(): RepomdRecord {
    const { file: type, checksumType: algorithm, timestamp } = this.#plan
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

  #path(): string {
    return `repodata/${measured(this.#packed).checksum}-${this.#plan.file}.xml.gz`
  }

  #body(): AsyncIterable<Uint8Array> {
    const open = this.#measuring(inLargerPieces(this.#document()), (measure) => {
      this.#open = measure
    })
    return this.#measuring(gzip(open), (measure) => {
      this.#packed = measure
    })
  }

  async *#document(): AsyncGenerator<Uint8Array> {
    const { file, packages } = this.#plan
    yield Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${rootStartTag(file, packages)}\n`)
    let written = 0
    for await (const snippet of this.#snippets) {
      yield snippet
      yield lineEnd
      written += 1
    }
    if (written !== packages) {
      throw new DeckleError('internal', `${file} was to have ${packages} packages and has ${written}`)
    }
    yield Buffer.from(`</${roots[file].name}>\n`)
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

const lineEnd = Buffer.from('\n')

function measured(measure: Measure | undefined): Measure {
  if (measure === undefined)
    throw new DeckleError('internal', 'a metadata file was asked for its checksum before it was stored')
  return measure
}

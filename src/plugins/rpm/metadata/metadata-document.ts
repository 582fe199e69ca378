import type { Measured } from '../../../core/digest.ts'
import type { FetchedDocument } from '../../../core/upstream.ts'
import { compressionOf, decompress } from '../../../formats/compression.ts'
import { FormatError } from '../../../formats/format-error.ts'
import type { RepomdRecord } from './repomd.ts'

/** Open bytes of one metadata file. */
const maxOpenBytes = 8 * 1024 ** 3

/** A file of repomd.xml that was fetched. */
export class MetadataDocument {
  readonly #document: FetchedDocument
  readonly #record: RepomdRecord

  constructor(document: FetchedDocument, record: RepomdRecord) {
    this.#document = document
    this.#record = record
  }

  get href(): string {
    return this.#record.href
  }

  get record(): RepomdRecord {
    return this.#record
  }

  get fetched(): FetchedDocument {
    return this.#document
  }

  /** Of its packed bytes. */
  get measured(): Measured {
    return this.#document
  }

  /** Its bytes as they were fetched, as often as they are asked for. */
  packed(): AsyncIterable<Uint8Array> {
    return this.#document.read()
  }

  /** Its open bytes, as often as they are asked for. Throws a FormatError at the end when they are not as many as repomd.xml says. */
  async *open(): AsyncGenerator<Uint8Array> {
    const { href, openSize } = this.#record
    let size = 0
    for await (const chunk of decompress(this.#document.read(), compressionOf(href), openSize ?? maxOpenBytes)) {
      size += chunk.length
      yield chunk
    }
    if (openSize === undefined || openSize === size) return
    throw new FormatError('truncated', `it opens to ${size} bytes, repomd.xml says ${openSize}`)
  }
}

import type { FetchedDocument } from '../../../core/upstream.ts'

import { compressionOf, decompress } from '../../../formats/compression.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { malformedRepository, metadataNotParsed } from '../metadata-errors.ts'

import { regularPackage } from './irregular-package.ts'
import { PackageScanner, type Snippet } from './package-scanner.ts'
import type { RepomdRecord } from './repomd.ts'
import type { RootTag } from './root-tag.ts'

/** Open bytes of one metadata file. */
const maxOpenBytes = 8 * 1024 ** 3

/** A primary, filelists or other file that was fetched: its packages as often as they are asked for. */
export class PackageMetadata {
  /** The start tag of its root; known once the first packages have come. */
  root: RootTag | undefined
  readonly #document: FetchedDocument
  readonly #record: RepomdRecord

  constructor(document: FetchedDocument, record: RepomdRecord) {
    this.#document = document
    this.#record = record
  }

  /**
   * All packages, in batches as the input comes, irregular ones made regular. Throws at its end when the file was not complete or
   * has not as many packages as it says.
   */
  async *packages(): AsyncGenerator<readonly Buffer[]> {
    const scanner = new PackageScanner()
    try {
      for await (const snippets of this.#scan(scanner)) {
        if (snippets.length > 0 && scanner.root !== undefined) yield regular(snippets, scanner.root)
      }
    } catch (error) {
      throw error instanceof FormatError ? metadataNotParsed(`${this.#record.href}: ${error.message}`, error) : error
    }
    if (scanner.root?.announced === undefined || scanner.root.announced === scanner.packages) return
    throw malformedRepository(
      `${this.#record.href} announces ${scanner.root.announced} packages and holds ${scanner.packages}`,
    )
  }

  async *#scan(scanner: PackageScanner): AsyncGenerator<readonly Snippet[]> {
    const { href, openSize } = this.#record
    let size = 0
    for await (const chunk of decompress(this.#document.read(), compressionOf(href), openSize ?? maxOpenBytes)) {
      size += chunk.length
      const snippets = scanner.push(chunk)
      this.root = scanner.root
      yield snippets
    }
    yield scanner.finish()
    if (openSize === undefined || openSize === size) return
    throw new FormatError('truncated', `it opens to ${size} bytes, repomd.xml says ${openSize}`)
  }
}

function regular(snippets: readonly Snippet[], root: RootTag): readonly Buffer[] {
  return snippets.map(({ bytes, regular }) => (regular ? bytes : regularPackage(bytes, root)))
}

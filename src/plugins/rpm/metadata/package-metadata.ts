import { FormatError } from '../../../formats/format-error.ts'
import { malformedRepository, metadataNotParsed } from '../metadata-errors.ts'

import { regularPackage } from './irregular-package.ts'
import type { MetadataDocument } from './metadata-document.ts'
import { PackageScanner, type Snippet } from './package-scanner.ts'
import type { RootTag } from './root-tag.ts'

/** A primary, filelists or other file that was fetched: its packages as often as they are asked for. */
export class PackageMetadata {
  /** The start tag of its root; known once the first packages have come. */
  root: RootTag | undefined
  readonly #document: MetadataDocument

  constructor(document: MetadataDocument) {
    this.#document = document
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
      throw error instanceof FormatError ? metadataNotParsed(`${this.#document.href}: ${error.message}`, error) : error
    }
    if (scanner.root?.announced === undefined || scanner.root.announced === scanner.packages) return
    throw malformedRepository(
      `${this.#document.href} announces ${scanner.root.announced} packages and holds ${scanner.packages}`,
    )
  }

  async *#scan(scanner: PackageScanner): AsyncGenerator<readonly Snippet[]> {
    for await (const chunk of this.#document.open()) {
      const snippets = scanner.push(chunk)
      this.root = scanner.root
      yield snippets
    }
    yield scanner.finish()
  }
}

function regular(snippets: readonly Snippet[], root: RootTag): readonly Buffer[] {
  return snippets.map(({ bytes, regular }) => (regular ? bytes : regularPackage(bytes, root)))
}

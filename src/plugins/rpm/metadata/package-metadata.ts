import { FormatError } from '../../../formats/format-error.ts'
import { malformedRepository, metadataNotParsed } from '../metadata-errors.ts'

import { regularPackage } from './irregular-package.ts'
import type { MetadataDocument } from './metadata-document.ts'
import { PackageScanner, type Snippet } from './package-scanner.ts'
import type { RootTag } from './root-tag.ts'

/** More are no repository that anybody has made; each takes some memory. */
const mostPackages = 1_000_000

/** A primary, filelists or other file that was fetched: its packages as often as they are asked for. */
export class PackageMetadata {
  /** The start tag of its root; known once the first packages have come. */
  root: RootTag | undefined
  readonly #document: MetadataDocument
  readonly #tolerant: boolean
  readonly #broken = new WeakSet<Buffer>()

  /** With `tolerant` a package that is no sound XML is broken; else it is an error. */
  constructor(document: MetadataDocument, { tolerant = false } = {}) {
    this.#document = document
    this.#tolerant = tolerant
  }

  /** Of a package that `packages` gave. */
  isBroken(snippet: Buffer): boolean {
    return this.#broken.has(snippet)
  }

  /**
   * All packages, in batches as the input comes, irregular ones made regular. Throws at its end when the file was not complete or
   * has not as many packages as it says.
   */
  async *packages(): AsyncGenerator<readonly Buffer[]> {
    const scanner = new PackageScanner()
    try {
      for await (const snippets of this.#scan(scanner)) {
        if (scanner.packages > mostPackages)
          throw malformedRepository(`${this.#document.href} lists more than ${mostPackages} packages`)
        if (snippets.length > 0 && scanner.root !== undefined) yield this.#regular(snippets, scanner.root)
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

  #regular(snippets: readonly Snippet[], root: RootTag): readonly Buffer[] {
    return snippets.map(({ bytes, regular }) => (regular ? bytes : this.#toRegular(bytes, root)))
  }

  #toRegular(bytes: Buffer, root: RootTag): Buffer {
    try {
      return regularPackage(bytes, root)
    } catch (error) {
      if (!this.#tolerant || !(error instanceof FormatError)) throw error
      this.#broken.add(bytes)
      return bytes
    }
  }
}

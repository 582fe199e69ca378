import { join } from 'node:path'
import { invalid } from '../core/errors.ts'

/**
 * The tree of a blob store on disk:
 *
 *     <root>/a/abcdef…     a blob: named by its sha256, in the folder of its first digit
 *     <root>/staging/…     bytes that are being received, or wait for the commit of their batch
 *
 * One level of 16 folders that always exist: nothing makes folders while content arrives, and a batch flushes 16 of them
 * instead of nearly as many as it has blobs. Nobody lists them, so a million names in each do no harm.
 */
export class BlobPaths {
  readonly root: string
  readonly staging: string

  constructor(root: string) {
    this.root = root
    this.staging = join(root, 'staging')
  }

  /** Throws kind `invalid` for anything that is not a sha256 in lower-case hexadecimal, so that no name leaves the tree. */
  blob(sha256: string): string {
    return join(this.folder(sha256), sha256)
  }

  folder(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalid('the name of a blob is a sha256 in lower-case hexadecimal')
    return join(this.root, sha256.slice(0, 1))
  }

  folders(): readonly string[] {
    return Array.from({ length: 16 }, (_, index) => join(this.root, index.toString(16)))
  }
}

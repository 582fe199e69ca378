import type { BlobStore } from '../../core/blob-store.ts'
import { BoundedCache } from '../../core/bounded-cache.ts'
import { sha256Hex } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import type { PublishedFile } from '../../core/publication.ts'
import { readWhole } from './read-whole.ts'

export interface HotFileLimits {
  /** Of all bodies together. Default 64 MB. */
  readonly bytes?: number
  /** Of one. Default 256 KB. */
  readonly fileBytes?: number
}

/** A file gets in with its second request within this time, so that one client that takes everything once drives nothing out. */
const admissionMs = 60_000
const rememberedRequests = 10_000

/** Bodies of small files that are asked for often, by what they hold. */
export class HotFiles {
  readonly #blobs: BlobStore
  readonly #fileBytes: number
  readonly #bodies: BoundedCache<Buffer>
  readonly #asked = new BoundedCache<{ readonly at: number }>(rememberedRequests)
  readonly #loading = new Map<string, Promise<Buffer>>()

  constructor(blobs: BlobStore, limits: HotFileLimits = {}) {
    this.#blobs = blobs
    this.#fileBytes = limits.fileBytes ?? 256 * 1024
    this.#bodies = new BoundedCache(limits.bytes ?? 64 * 1024 * 1024)
  }

  /** The body, if it is in memory. */
  get(file: PublishedFile): Buffer | undefined {
    return this.#bodies.get(file.sha256)
  }

  /** Notes that the file was asked for; true when its body should be taken into memory now. */
  admits(file: PublishedFile, now = performance.now()): boolean {
    if (file.size > this.#fileBytes) return false
    const before = this.#asked.get(file.sha256)
    this.#asked.set(file.sha256, { at: now }, 1)
    return before !== undefined && now - before.at <= admissionMs
  }

  /** Takes the body into memory and checks it, since it will be served many times. */
  load(file: PublishedFile): Promise<Buffer> {
    const loading = this.#loading.get(file.sha256) ?? this.#load(file)
    this.#loading.set(file.sha256, loading)
    return loading
  }

  async #load(file: PublishedFile): Promise<Buffer> {
    try {
      const body = await readWhole(this.#blobs, file.rope)
      if (sha256Hex(body) !== file.sha256) {
        throw new DeckleError('internal', `the stored bytes of ${file.sha256} are damaged; check the blob store`)
      }
      this.#bodies.set(file.sha256, body, body.length)
      return body
    } finally {
      this.#loading.delete(file.sha256)
    }
  }
}

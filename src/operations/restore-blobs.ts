import type { ArchiveEntry, ArchiveReader, BackupManifest, RestoreTarget } from '../core/backup.ts'
import type { BlobStore, StagedBlob } from '../core/blob-store.ts'
import type { Measured } from '../core/digest.ts'
import { DeckleError } from '../core/errors.ts'
import { blobEntry, broken } from './backup-entries.ts'
import { type BlobFault, findBlobFault, wholeBody } from './whole-body.ts'

export interface RestoreBlobsOptions {
  /** Restore the rest when blobs are missing or damaged; they then count as not stored. */
  readonly allowDamaged: boolean
  readonly signal: AbortSignal
  readonly progress: {
    blobs(done: number, all: number): void
    damaged(fault: BlobFault): void
  }
}

interface Services {
  readonly archive: ArchiveReader
  readonly target: RestoreTarget
  readonly blobs: BlobStore
}

/** One flush to disk serves so many blobs or bytes. */
const batch = { blobs: 256, bytes: 64 * 1024 * 1024 }

/**
 * Walks the stored blobs of the loaded rows and the entries of the archive side by side, both in order of the names. So every row
 * that says "stored" is met, and what has no right bytes is known by name. Returns the entry after the blobs.
 */
export async function restoreBlobs(
  services: Services,
  manifest: BackupManifest,
  options: RestoreBlobsOptions,
): Promise<{ blobs: number; damaged: number; next: ArchiveEntry | undefined }> {
  const { archive, blobs: store, target } = services
  const { included, count } = manifest.blobs
  const shelf = new Shelf(store)
  const missing = new MissingBlobs(target, options)
  let entry = await archive.next()
  let [entries, done] = [0, 0]
  try {
    for await (const blob of target.storedBlobs()) {
      options.signal.throwIfAborted()
      const found = included && entry?.name === blobEntry(blob.sha256) ? entry : undefined
      const fault = included ? await takeIn(shelf, blob, found) : await findBlobFault(store, blob)
      if (fault !== undefined) await missing.add(fault)
      if (found !== undefined) {
        entries += 1
        entry = await archive.next()
      }
      options.progress.blobs(++done, count)
    }
    await shelf.commit()
    await missing.finish()
  } finally {
    await shelf.clear()
  }
  return { blobs: entries, damaged: missing.count, next: entry }
}

async function takeIn(shelf: Shelf, blob: Measured, entry: ArchiveEntry | undefined): Promise<BlobFault | undefined> {
  const { sha256, size } = blob
  if (entry === undefined) return { sha256, reason: 'it is not in the backup' }
  if (entry.size !== size) return { sha256, reason: `the backup has ${entry.size} of its ${size} bytes` }
  if (await shelf.has(blob)) return undefined
  return await shelf.put(blob, entry)
}

/** Blobs on their way into the store, made durable batch by batch. */
class Shelf {
  readonly #store: BlobStore
  #staged: StagedBlob[] = []
  #bytes = 0

  constructor(store: BlobStore) {
    this.#store = store
  }

  /** True for what an earlier restore has brought. Throws kind `conflict` when other bytes stand under that name. */
  async has(blob: Measured): Promise<boolean> {
    if ((await this.#store.size(blob.sha256)) === undefined) return false
    const body = wholeBody(this.#store, blob)
    for await (const _ of body.bytes);
    const fault = body.fault()
    if (fault === undefined) return true
    const remedy = 'Restore into an empty blob store (DECKLE_BLOBS), or remove that blob'
    throw new DeckleError('conflict', `the blob store holds a damaged ${blob.sha256} (${fault.reason}). ${remedy}`)
  }

  async put(blob: Measured, entry: ArchiveEntry): Promise<BlobFault | undefined> {
    const staged = await this.#store.stage(entry.body)
    if (staged.sha256 !== blob.sha256) {
      await this.#store.discard([staged])
      return { sha256: blob.sha256, reason: `the backup has other bytes, of sha256 ${staged.sha256}` }
    }
    this.#staged.push(staged)
    this.#bytes += staged.size
    if (this.#staged.length >= batch.blobs || this.#bytes >= batch.bytes) await this.commit()
    return undefined
  }

  async commit(): Promise<void> {
    await this.#store.commit(this.#staged)
    this.#staged = []
    this.#bytes = 0
  }

  /** What was not committed. */
  async clear(): Promise<void> {
    await this.#store.discard(this.#staged)
  }
}

class MissingBlobs {
  readonly #target: RestoreTarget
  readonly #options: RestoreBlobsOptions
  #waiting: string[] = []
  #first: BlobFault | undefined
  count = 0

  constructor(target: RestoreTarget, options: RestoreBlobsOptions) {
    this.#target = target
    this.#options = options
  }

  async add(fault: BlobFault): Promise<void> {
    this.#options.progress.damaged(fault)
    this.#first ??= fault
    this.count += 1
    this.#waiting.push(fault.sha256)
    if (this.#waiting.length >= batch.blobs) await this.#forget()
  }

  /** Throws kind `invalid` when there are some and that is not allowed. */
  async finish(): Promise<void> {
    await this.#forget()
    if (this.#first === undefined || this.#options.allowDamaged) return
    const { sha256, reason } = this.#first
    const rest = this.count === 1 ? '' : ` and ${this.count - 1} more`
    const remedy = 'Use another backup, or restore the rest with --allow-damaged: missing files are then fetched again'
    throw broken(`blob ${sha256}${rest}: ${reason}. ${remedy}`)
  }

  async #forget(): Promise<void> {
    if (this.#waiting.length > 0) await this.#target.forgetBlobs(this.#waiting)
    this.#waiting = []
  }
}

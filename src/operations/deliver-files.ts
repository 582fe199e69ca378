import type { BlobStore } from '../core/blob-store.ts'
import type { DeliverRun, Distributor, PublishRun } from '../core/distributor.ts'
import { DeckleError } from '../core/errors.ts'
import type { StoredUnitFile } from '../core/repository-version.ts'
import type { ExportFolders } from '../core/safe-folder.ts'

interface Services {
  readonly blobs: BlobStore
  readonly exports: ExportFolders
}

/** Fills the folder that the config of a distributor asks for, if it does. */
export async function deliverFiles(
  { blobs, exports }: Services,
  { delivery }: Distributor,
  run: PublishRun<unknown>,
  owner: string,
): Promise<void> {
  const folder = delivery?.folder(run.config)
  if (delivery === undefined || folder === undefined) return
  const reading: DeliverRun<unknown> = { ...run, read: (file) => readStoredFile(blobs, file) }
  await exports.fill({ folder, owner, signal: run.signal }, (filled) => delivery.deliver(reading, filled))
}

/** The bytes of a unit's file. Throws kind `conflict` when they are not stored. */
export async function* readStoredFile(blobs: BlobStore, { path, sha256 }: StoredUnitFile): AsyncGenerator<Uint8Array> {
  if (sha256 === null) throw notStored(path)
  try {
    yield* await blobs.read(sha256)
  } catch (error) {
    throw error instanceof DeckleError && error.kind === 'not-found' ? notStored(path) : error
  }
}

function notStored(path: string): DeckleError {
  return new DeckleError('conflict', `${path} is not stored: download the files of the repository first`)
}

import type { BlobStore } from '../core/blob-store.ts'
import type { Distributor, PublishRun } from '../core/distributor.ts'
import { DeckleError } from '../core/errors.ts'
import type { StoredUnitFile } from '../core/repository-version.ts'
import type { ExportFolders } from '../core/safe-folder.ts'
import type { Spool } from '../core/spool.ts'
import { MadeFolder } from './repository-groups/made-folder.ts'

interface Services {
  readonly exports: ExportFolders
  /** Temporary files for one run. */
  openSpool(): Spool
}

/** Fills the folder that the config of a distributor asks for, if it does. */
export async function deliverFiles(
  services: Services,
  { delivery }: Distributor,
  run: PublishRun<unknown>,
  owner: string,
): Promise<void> {
  const folder = delivery?.folder(run.config)
  if (delivery === undefined || folder === undefined) return
  const filling = { folder, owner, signal: run.signal }
  await services.exports.fill(filling, (filled) =>
    delivery.deliver(run, new MadeFolder(filled, () => services.openSpool())),
  )
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

import { join } from 'node:path'
import { markerName, readStoreId, writeStoreId } from '../blobs/store-marker.ts'
import { DeckleError } from '../core/errors.ts'
import {
  confirmBlobStoreIdentity,
  findBlobStoreIdentity,
  makeBlobStoreIdentity,
} from '../database/blob-store-identity.ts'
import type { Database } from '../database/connection.ts'

/**
 * Makes sure that folder and database belong together: both bear the same id. So a process that is pointed at another folder, or at
 * the empty place where a disk is not mounted, ends at once instead of answering that published files are missing. Throws kind
 * `conflict`. The id comes into the database first and is confirmed once the folder bears it: a crash between leaves nothing to
 * repair, and several first starts at once agree.
 */
export async function claimBlobFolder(database: Database, folder: string): Promise<void> {
  const { id, marked } = (await findBlobStoreIdentity(database)) ?? (await makeBlobStoreIdentity(database))
  // Read after the database, which says `marked` only when the marker is there.
  const marker = await readStoreId(folder)
  if (marker !== undefined && marker !== id) throw foreign(folder)
  if (marker === undefined && marked) throw unmarked(folder, id)
  if (marker === undefined) await writeStoreId(folder, id)
  if (!marked) await confirmBlobStoreIdentity(database, id)
}

function foreign(folder: string): DeckleError {
  const remedy = `Set DECKLE_BLOBS and DECKLE_DATABASE_URL so that they belong together, or, if no other Deckle uses the folder, remove ${join(folder, markerName)}`
  return new DeckleError('conflict', `the stored files in ${folder} belong to another database. ${remedy}`)
}

function unmarked(folder: string, id: string): DeckleError {
  const remedy = `Mount it or set DECKLE_BLOBS. If it is the right one and only the file is lost, write ${id} into ${join(folder, markerName)}`
  return new DeckleError(
    'conflict',
    `${folder} is not the folder of the stored files that the database knows. ${remedy}`,
  )
}

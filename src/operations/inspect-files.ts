import type { BlobStore, StagedBlob } from '../core/blob-store.ts'
import { DeckleError, isUpstreamFault } from '../core/errors.ts'
import type { ExaminedUnit, MissingFile } from '../core/repository-version.ts'
import type { DiscoveredFile } from '../core/unit.ts'

/** Bytes of a staged file that are read at a time. */
const pieceBytes = 64 * 1024

/** The unit with those files among the missing ones that have to be looked into and whose stored bytes are not known. */
export function withUninspected(examined: ExaminedUnit): ExaminedUnit {
  const { unit, missing, stored } = examined
  const known = new Set(missing.map(({ index }) => index))
  const hidden = unit.files.flatMap((file, index): MissingFile[] =>
    file.inspect === undefined || known.has(index) || stored?.has(file.path) ? [] : [{ index }],
  )
  return hidden.length === 0 ? examined : { ...examined, missing: [...missing, ...hidden] }
}

/** What a file of a unit was refused for, of those that are stored already; undefined when all of them may be taken. */
export async function inspectStored(
  blobs: BlobStore,
  { unit, stored }: ExaminedUnit,
): Promise<{ readonly file: DiscoveredFile; readonly error: DeckleError } | undefined> {
  for (const file of unit.files) {
    const blob = file.inspect === undefined ? undefined : stored?.get(file.path)
    if (blob === undefined) continue
    try {
      await file.inspect?.(await blobs.read(blob.sha256))
    } catch (error) {
      if (!isUpstreamFault(error)) throw error
      return { file, error }
    }
  }
  return undefined
}

/** Rejects with what the file is refused for. */
export async function inspectStaged(blobs: BlobStore, file: DiscoveredFile, blob: StagedBlob): Promise<void> {
  await file.inspect?.(stagedBytes(blobs, blob))
}

async function* stagedBytes(blobs: BlobStore, { handle, size }: StagedBlob): AsyncGenerator<Uint8Array> {
  const reader = await blobs.openStaged(handle)
  if (reader === undefined) throw new DeckleError('conflict', 'a file that was just fetched is gone')
  try {
    for (let at = 0; at < size; ) {
      const piece = Buffer.alloc(Math.min(pieceBytes, size - at))
      const read = await reader.read(piece, at)
      if (read === 0) throw new DeckleError('internal', 'a file that was just fetched is cut off')
      yield piece.subarray(0, read)
      at += read
    }
  } finally {
    await reader.close()
  }
}

import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import type { StagedReader } from '../core/blob-store.ts'
import { hasCode } from './disk-error.ts'

/** Opens a staging file for reading while it grows. An open file survives renaming and removal. */
export async function openStagedFile(path: string): Promise<StagedReader | undefined> {
  try {
    return toReader(await open(path, 'r'))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function toReader(file: FileHandle): StagedReader {
  return {
    async read(buffer, position) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
      return bytesRead
    },
    close: () => file.close(),
  }
}

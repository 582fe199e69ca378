import type { FileHandle } from 'node:fs/promises'

/** Writes all chunks, at `position` or where the file stands. A write may end early; the next one says why (a full disk). */
export async function writeAll(file: FileHandle, chunks: Uint8Array[], position?: number): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  let written = (await file.writev(chunks, position)).bytesWritten
  while (written < total) {
    const rest = Buffer.concat(chunks).subarray(written)
    const at = position === undefined ? null : position + written
    written += (await file.write(rest, 0, rest.length, at)).bytesWritten
  }
}

import { open } from 'node:fs/promises'
import type { ByteRange } from '../core/blob-store.ts'
import type { UploadedFile } from '../core/upload.ts'

const readBytes = 256 * 1024

/** A file as it was when it had `size` bytes: what is appended later is not read. */
export function openUploadedFile(path: string, size: number): UploadedFile {
  return { size, read: (range) => read(path, clip(range, size)) }
}

function clip(range: ByteRange | undefined, size: number): ByteRange {
  const last = size - 1
  return range === undefined ? { start: 0, end: last } : { start: range.start, end: Math.min(range.end, last) }
}

async function* read(path: string, range: ByteRange): AsyncGenerator<Uint8Array> {
  if (range.end < range.start) return
  const file = await open(path, 'r')
  yield* file.createReadStream({ ...range, highWaterMark: readBytes })
}

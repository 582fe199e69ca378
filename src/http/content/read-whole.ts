import { closeSync, open, read } from 'node:fs'
import type { BlobStore } from '../../core/blob-store.ts'
import { notFound } from '../../core/errors.ts'
import { lengthOf, type Rope, type RopePart } from '../../core/rope.ts'
import { damaged, RopeReader } from './rope-reader.ts'

/**
 * The bytes of a rope in memory; for small ones. Throws kind `not-found` when a blob is not stored, and `internal` when one does not
 * have the bytes that it should.
 */
export function readWhole(blobs: BlobStore, rope: Rope): Promise<Buffer> {
  const [part, ...others] = rope
  const path = part && blobs.path?.(part.sha256)
  if (part === undefined || path === undefined || others.length > 0) return join(blobs, rope)
  return readPart(path, part)
}

async function join(blobs: BlobStore, rope: Rope): Promise<Buffer> {
  const body = Buffer.allocUnsafe(lengthOf(rope))
  const reader = await RopeReader.open(blobs, rope)
  try {
    let length = 0
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
      body.set(chunk, length)
      length += chunk.length
    }
    return body
  } finally {
    reader.close()
  }
}

/**
 * With as few turns through the threads for files as there can be, which are most of what a small file costs: its size is known, and
 * giving back a file that was only read waits for no disk.
 */
function readPart(path: string, part: RopePart): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (fault, file) => {
      if (fault !== null) return reject(fault.code === 'ENOENT' ? notFound({ blob: part.sha256 }) : fault)
      read(file, Buffer.allocUnsafe(part.length), 0, part.length, part.offset, (error, length, body) => {
        giveBack(file)
        if (error !== null) reject(error)
        else if (length < part.length) reject(damaged(part))
        else resolve(body)
      })
    })
  })
}

/** A fault of the disk that shows itself here says nothing about the bytes that were read. */
function giveBack(file: number): void {
  try {
    closeSync(file)
  } catch {}
}

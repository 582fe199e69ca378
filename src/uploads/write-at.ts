import type { FileHandle } from 'node:fs/promises'
import { writeAll } from '../blobs/write-all.ts'
import { requireSpace, type SpaceGauge } from '../core/space.ts'

const flushBytes = 1024 * 1024

/**
 * Writes a body from `offset` on, up to 1 MiB at once; the producer waits for the disk. `fits` is told where each piece will end,
 * before it is written, and throws when that is too far.
 */
export async function writeAt(
  file: FileHandle,
  offset: number,
  body: AsyncIterable<Uint8Array>,
  limits: { readonly fits: (end: number) => void; readonly space: SpaceGauge },
): Promise<void> {
  let position = offset
  let pending: Uint8Array[] = []
  let bytes = 0
  const flush = async () => {
    if (bytes === 0) return
    await requireSpace(limits.space)
    await writeAll(file, pending, position)
    position += bytes
    pending = []
    bytes = 0
  }
  for await (const chunk of body) {
    limits.fits(position + bytes + chunk.length)
    pending.push(chunk)
    bytes += chunk.length
    if (bytes >= flushBytes) await flush()
  }
  await flush()
}

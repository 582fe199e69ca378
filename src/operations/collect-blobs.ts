import type { BlobSweeper } from '../core/blob-sweeper.ts'
import type { JsonObject } from '../core/json.ts'

/** Rows that a round looks at for what nothing refers to: a million blobs are gone through in some hours, at no cost to notice. */
const lookedAt = 5_000
/** Blobs that go in one transaction, under locks. */
const batch = 100

/** One round of freeing space, for the maintenance. Returns what it did, undefined for nothing. */
export async function collectBlobs(sweeper: BlobSweeper, signal: AbortSignal): Promise<JsonObject | undefined> {
  const files = await sweeper.dropUnusedFiles(lookedAt)
  const condemned = await sweeper.condemnUnreferenced(lookedAt)
  const sum = { condemned, files, blobs: 0, bytes: 0, failed: 0 }
  let reason: string | undefined
  for (let more = true; more && !signal.aborted; ) {
    const step = await sweeper.sweep(batch)
    if (step === undefined) break
    sum.blobs += step.blobs
    sum.bytes += step.bytes
    sum.failed += step.failed
    reason ??= step.reason
    more = step.more
  }
  if (sum.condemned + sum.files + sum.blobs + sum.failed === 0) return undefined
  return { ...sum, ...(reason !== undefined && { reason }) }
}

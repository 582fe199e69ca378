import type { JsonObject } from '../core/json.ts'

/** Rows of one statement, so that no lock is long. */
const batch = 1_000

/** Deletes old records batch by batch until there are none. Returns how many went, undefined for none. */
export async function pruneRecords(
  deleteSome: (limit: number) => Promise<number>,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  let deleted = 0
  while (!signal.aborted) {
    const step = await deleteSome(batch)
    deleted += step
    if (step < batch) break
  }
  return deleted === 0 ? undefined : { deleted }
}

import { sql } from 'kysely'
import type { Measured } from '../core/digest.ts'
import type { Database } from '../database/connection.ts'

/**
 * Lets the reservations of a model run out as soon as whoever made them is done or dead, since nobody works for longer than a
 * reservation holds.
 */
export class Reservations {
  readonly #database: Database
  readonly #held = new Map<string, number>()

  constructor(database: Database) {
    this.#database = database
  }

  async during<Result>(blobs: readonly Measured[], work: () => Promise<Result>): Promise<Result> {
    for (const { sha256 } of blobs) this.#held.set(sha256, (this.#held.get(sha256) ?? 0) + 1)
    try {
      return await work()
    } finally {
      for (const { sha256 } of blobs) this.#held.set(sha256, (this.#held.get(sha256) ?? 0) - 1)
    }
  }

  /** Only those made before the question who still needs his: one that comes meanwhile is left alone. */
  async expire(): Promise<void> {
    const { rows } = await sql<{ until: string }>`
      SELECT (clock_timestamp() + interval '1 hour')::text AS until`.execute(this.#database)
    const held = [...this.#held].filter(([, count]) => count > 0).map(([sha256]) => Buffer.from(sha256, 'hex'))
    await sql`
      UPDATE blob SET reserved_until = clock_timestamp() WHERE sha256 = ANY (ARRAY(
        SELECT sha256 FROM blob WHERE reserved_until <= ${rows[0]?.until}::timestamptz
          AND reserved_until > clock_timestamp() AND NOT sha256 = ANY (${held}::bytea[])
        FOR NO KEY UPDATE SKIP LOCKED))`.execute(this.#database)
  }
}

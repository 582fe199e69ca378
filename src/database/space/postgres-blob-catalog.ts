import { sql } from 'kysely'
import type { BlobCatalog } from '../../core/blob-catalog.ts'
import type { Measured } from '../../core/digest.ts'
import type { Database } from '../connection.ts'
import { distinctBlobs } from './distinct-blobs.ts'

/**
 * Reservations as columns of the blob rows (`docs/decisions/deleting-blobs.md`). Durable before it resolves, so that bytes
 * never lie in a store without a row that tells of them.
 */
export class PostgresBlobCatalog implements BlobCatalog {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Rows in digest order, as every writer locks them. A row that is being deleted is waited for and then made anew. */
  async reserve(blobs: readonly Measured[]): Promise<void> {
    if (blobs.length === 0) return
    const { digests, sizes } = distinctBlobs(blobs)
    await sql`
      INSERT INTO blob (sha256, size, reserved_until)
      SELECT sha256, size, clock_timestamp() + interval '1 hour'
      FROM unnest(${digests}::bytea[], ${sizes}::bigint[]) AS wanted (sha256, size)
      ORDER BY sha256
      ON CONFLICT (sha256) DO UPDATE SET reserved_until = excluded.reserved_until, condemned_at = NULL
    `.execute(this.#database)
  }
}

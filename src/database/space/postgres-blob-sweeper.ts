import { sql } from 'kysely'
import type { BlobStore } from '../../core/blob-store.ts'
import type { BlobSweeper, SweptBlobs } from '../../core/blob-sweeper.ts'
import type { Database } from '../connection.ts'
import { condemn } from './condemn.ts'
import { deleteDoomed } from './delete-doomed.ts'
import { doomCondemned } from './doom-condemned.ts'
import { dropUnusedFiles } from './drop-files.ts'
import { moveCursor, readCursor } from './pass-cursor.ts'

export interface BlobSweeperContext {
  readonly database: Database
  readonly blobs: Pick<BlobStore, 'remove'>
  /** How long a blob stays after it was condemned: readers may know of it for as long as a publication is served. */
  readonly graceSeconds: number
}

/** Sweeping in PostgreSQL and one blob store (`docs/decisions/deleting-blobs.md`). */
export class PostgresBlobSweeper implements BlobSweeper {
  readonly #context: BlobSweeperContext

  constructor(context: BlobSweeperContext) {
    this.#context = context
  }

  condemnUnreferenced(limit: number): Promise<number> {
    return this.#context.database.transaction().execute(async (transaction) => {
      const cursor = Buffer.from(String(await readCursor(transaction, 'condemned-blobs', '')), 'hex')
      const { rows } = await sql<{ sha256: Buffer }>`
        SELECT sha256 FROM blob WHERE sha256 > ${cursor} ORDER BY sha256 LIMIT 1 OFFSET ${limit - 1}`.execute(
        transaction,
      )
      const last = rows[0]?.sha256
      await moveCursor(transaction, 'condemned-blobs', last?.toString('hex') ?? '')
      const upTo = last === undefined ? sql`` : sql`AND sha256 <= ${last}`
      return condemn(transaction, sql<boolean>`sha256 > ${cursor} ${upTo}`)
    })
  }

  dropUnusedFiles(limit: number): Promise<number> {
    return this.#context.database.transaction().execute(async (transaction) => {
      const cursor = Number(await readCursor(transaction, 'unused-files', 0))
      const { rows } = await sql<{ id: number }>`
        SELECT id FROM file WHERE id > ${cursor} ORDER BY id LIMIT ${limit}`.execute(transaction)
      const ids = rows.map((row) => row.id)
      await moveCursor(transaction, 'unused-files', ids.length < limit ? 0 : (ids.at(-1) ?? 0))
      return (await dropUnusedFiles(transaction, ids)).length
    })
  }

  /**
   * First transaction: they are not stored any more, for everybody. Second one: they go, under locks for which whoever is to write
   * them anew waits. What a crash leaves between the two is found again: it is still condemned.
   */
  async sweep(limit: number): Promise<SweptBlobs | undefined> {
    const { database, blobs, graceSeconds } = this.#context
    const doomed = await database
      .transaction()
      .execute((transaction) => doomCondemned(transaction, graceSeconds, limit))
    if (doomed === undefined) return undefined
    const deleted = await database
      .transaction()
      .execute((transaction) => deleteDoomed(transaction, blobs, doomed.digests))
    return deleted === undefined ? undefined : { ...deleted, more: doomed.examined === limit }
  }
}

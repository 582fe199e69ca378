import { sql } from 'kysely'
import { isUploadId, type UploadRequests } from '../../core/upload.ts'
import type { Database } from '../connection.ts'

export interface UploadRequestOptions {
  readonly database: Database
  /** The operation whose open tasks keep the requests that they name in their argument `upload`. */
  readonly importOperation: string
}

/** Upload requests in PostgreSQL. */
export class PostgresUploadRequests implements UploadRequests {
  readonly #database: Database
  readonly #importOperation: string

  constructor({ database, importOperation }: UploadRequestOptions) {
    this.#database = database
    this.#importOperation = importOperation
  }

  async create(): Promise<string> {
    const { id } = await this.#database
      .insertInto('upload_request')
      .defaultValues()
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  }

  async list(): Promise<readonly string[]> {
    const rows = await this.#database
      .selectFrom('upload_request')
      .select('id')
      .orderBy('created')
      .orderBy('id')
      .execute()
    return rows.map(({ id }) => id)
  }

  async touch(id: string): Promise<boolean> {
    if (!isUploadId(id)) return false
    const { numUpdatedRows } = await this.#database
      .updateTable('upload_request')
      .set({ touched: sql`clock_timestamp()` })
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return numUpdatedRows === 1n
  }

  async delete(id: string): Promise<void> {
    if (isUploadId(id)) await this.#database.deleteFrom('upload_request').where('id', '=', id).execute()
  }

  async present(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ id: string }>`
      SELECT id FROM upload_request WHERE id = ANY (${ids.filter(isUploadId)}::uuid[])`.execute(this.#database)
    return new Set(rows.map(({ id }) => id))
  }

  async deleteIdle(idleSeconds: number, limit: number): Promise<readonly string[]> {
    const { rows } = await sql<{ id: string }>`
      DELETE FROM upload_request WHERE id = ANY (ARRAY(
        SELECT idle.id FROM upload_request AS idle
        WHERE idle.touched < clock_timestamp() - make_interval(secs => ${idleSeconds})
          AND NOT EXISTS (
            SELECT FROM task
            WHERE task.state IN ('waiting', 'running') AND task.operation = ${this.#importOperation}
              AND task.arguments->>'upload' = idle.id::text)
        ORDER BY idle.touched LIMIT ${limit} FOR UPDATE SKIP LOCKED))
      RETURNING id`.execute(this.#database)
    return rows.map(({ id }) => id)
  }
}

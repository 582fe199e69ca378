import { type Kysely, sql } from 'kysely'
import type { HostSessions } from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import { rolloutChannel } from './rollout-notices.ts'

/** A process that has not been heard of for so long is dead or cut off: its hosts are away. */
const silence = sql`interval '15 seconds'`

/**
 * By the database's clock. A process that comes back after a silence begins anew, so that time in which nobody could be reached
 * is not held against hosts.
 */
export async function beat(database: Kysely<Schema>, process: string): Promise<void> {
  await sql`
    INSERT INTO host_hub (process) VALUES (${process})
    ON CONFLICT (process) DO UPDATE SET heartbeat = clock_timestamp(),
      started = CASE WHEN host_hub.heartbeat < clock_timestamp() - ${silence} THEN clock_timestamp()
        ELSE host_hub.started END`.execute(database)
  await sql`DELETE FROM host_hub WHERE heartbeat < clock_timestamp() - interval '1 hour'`.execute(database)
}

/** Processes that live. */
export const livingHubs = sql`(SELECT process, started FROM host_hub WHERE heartbeat >= clock_timestamp() - ${silence})`

export class PostgresHostSessions implements HostSessions {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async beat(process: string): Promise<void> {
    await beat(this.#database, process)
  }

  async connect(host: number, process: string): Promise<void> {
    await sql`
      WITH written AS (
        INSERT INTO host_session (host, process) VALUES (${host}, ${process})
        ON CONFLICT (host) DO UPDATE SET process = excluded.process, since = clock_timestamp(), ended = NULL)
      SELECT pg_notify(${rolloutChannel}, ${`moved:${host}:${process}`})`.execute(this.#database)
  }

  async disconnect(hosts: readonly number[], process: string): Promise<void> {
    await sql`
      UPDATE host_session SET ended = clock_timestamp()
      WHERE host = ANY(${[...hosts]}::bigint[]) AND process = ${process} AND ended IS NULL`.execute(this.#database)
  }

  async leave(process: string): Promise<void> {
    await sql`
      WITH gone AS (DELETE FROM host_hub WHERE process = ${process})
      UPDATE host_session SET ended = clock_timestamp() WHERE process = ${process} AND ended IS NULL`.execute(
      this.#database,
    )
  }

  async isConnected(hosts: readonly number[]): Promise<ReadonlySet<number>> {
    const { rows } = await sql<{ host: number }>`
      SELECT host FROM host_session JOIN ${livingHubs} AS hub USING (process)
      WHERE host = ANY(${[...hosts]}::bigint[]) AND ended IS NULL`.execute(this.#database)
    return new Set(rows.map(({ host }) => host))
  }
}

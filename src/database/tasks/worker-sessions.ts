import { type Kysely, sql } from 'kysely'
import type { Client } from 'pg'
import type { Schema } from '../schema.ts'

/**
 * First half of the liveness locks' keys. PostgreSQL keeps locks of two 32-bit keys apart from those of one 64-bit key, which
 * the queues use.
 */
const lockClass = 0x6465636b

/** A process that sends no heartbeat for so long is hung: its lock is taken away. */
const hungAfter = sql`interval '15 seconds'`

/**
 * When this run of the database server began. A crash of one of its processes begins another without a new postmaster, which
 * only roles that may see its processes are told.
 */
export const serverStarted = sql<Date>`greatest(pg_postmaster_start_time(), (
  SELECT max(backend_start) FROM pg_stat_activity WHERE backend_type = 'checkpointer'))`

const liveLocks = sql`
  SELECT objid::bigint AS session, pid FROM pg_locks
  WHERE locktype = 'advisory' AND classid = ${sql.lit(lockClass)} AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

/** Registers names under a new session, which lives as long as the client's connection. Returns the session. */
export async function beginSession(client: Client, names: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ session: number }>(`SELECT nextval('worker_session')::integer AS session`)
  const session = rows[0]?.session
  if (session === undefined) throw new Error('no session number came back')
  // The lock comes first: a row without a lock is a dead worker's.
  await client.query('SELECT pg_advisory_lock($1::integer, $2::integer)', [lockClass, session])
  await client.query(heartbeatSql, [session, [...names]])
  return session
}

/** `$1` the session, `$2` its names. By the database's clock: nodes' clocks differ. */
export const heartbeatSql = `
  INSERT INTO worker (session, name) SELECT $1, unnest($2::text[])
  ON CONFLICT (session, name) DO UPDATE SET heartbeat = clock_timestamp()`

/** `$1` the session. */
export const endSessionSql = `
  WITH gone AS (DELETE FROM worker WHERE session = $1)
  SELECT pg_advisory_unlock(${lockClass}, $1::integer)`

/** Claims of sessions whose lock is free. */
export async function deadClaims(database: Kysely<Schema>) {
  const { rows } = await sql<{ taskKey: number; taskId: string; attempt: number }>`
    SELECT id AS "taskKey", task_id AS "taskId", attempt FROM task
    WHERE state = 'running' AND agent IS NULL AND worker_session NOT IN (SELECT session FROM (${liveLocks}) AS live)
    ORDER BY id`.execute(database)
  return rows
}

export async function isAlive(database: Kysely<Schema>, session: number | null): Promise<boolean> {
  const { rows } = await sql`SELECT FROM (${liveLocks}) AS live WHERE session = ${session}`.execute(database)
  return rows.length > 0
}

/** Workers whose lock is held and whose heart beats, a name once: a process that dies is gone from here at once. */
export async function livingWorkers(database: Kysely<Schema>) {
  const { rows } = await sql<{ name: string; heartbeat: Date }>`
    SELECT worker.name, max(worker.heartbeat) AS heartbeat FROM worker
    JOIN (${liveLocks}) AS live ON live.session = worker.session
    WHERE worker.heartbeat > clock_timestamp() - interval '1 minute'
    GROUP BY worker.name ORDER BY worker.name`.execute(database)
  return rows
}

/** Cuts the control connections of hung processes, which frees their locks. Returns the names of those workers. */
export async function endHungSessions(database: Kysely<Schema>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT worker.name, pg_terminate_backend(live.pid) FROM worker
    JOIN (${liveLocks}) AS live ON live.session = worker.session
    WHERE worker.heartbeat < clock_timestamp() - ${hungAfter}`.execute(database)
  return rows.map((row) => row.name)
}

export async function forgetDeadSessions(database: Kysely<Schema>): Promise<void> {
  await sql`DELETE FROM worker WHERE session NOT IN (SELECT session FROM (${liveLocks}) AS live)`.execute(database)
}

import { sql } from 'kysely'
import type { PullOrder, RolloutOrder } from '../core/rollout.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { PostgresHostSessions } from '../database/rollouts/host-sessions.ts'
import { PostgresRolloutStore } from '../database/rollouts/postgres-rollout-store.ts'

/** Key of the project that every database has. */
export const project = 5

/** Rollouts on a database, with tasks and hosts made as plain rows. */
export class RolloutBench {
  readonly opened: OpenDatabase
  readonly store: PostgresRolloutStore
  readonly sessions: PostgresHostSessions

  constructor(opened: OpenDatabase) {
    this.opened = opened
    this.store = new PostgresRolloutStore(opened.database)
    this.sessions = new PostgresHostSessions(opened.database)
  }

  /** Keys of new hosts, called host1 … hostN. */
  hosts(count: number): Promise<readonly number[]> {
    return this.#rows('host', 'active', count)
  }

  async task(): Promise<number> {
    const [task] = await this.#rows('pullTask', 'registering', 1)
    if (task === undefined) throw new Error('no row was made')
    return task
  }

  /** A task that has begun on the hosts. */
  async begun(hosts: readonly number[], order: Partial<RolloutOrder> = {}, fault?: string): Promise<number> {
    const task = order.task ?? (await this.task())
    const named = hosts.map((host, index) => ({ host, name: `host${index + 1}` }))
    await this.store.begin({ ...plainOrder(task), ...order }, named, fault)
    return task
  }

  /** Connects the hosts to the process, which lives. */
  async connect(hosts: readonly number[], process: string): Promise<void> {
    await this.sessions.beat(process)
    for (const host of hosts) await this.sessions.connect(host, process)
  }

  /** Lets so many seconds pass for everything that the rows remember. */
  async age(seconds: number): Promise<void> {
    const past = sql`make_interval(secs => ${seconds})`
    const { database } = this.opened
    await sql`UPDATE host_pull SET queued = queued - ${past}, started = started - ${past},
      reported = reported - ${past}`.execute(database)
    await sql`UPDATE host_session SET since = since - ${past}, ended = ended - ${past}`.execute(database)
    await sql`UPDATE host_hub SET started = started - ${past}, heartbeat = heartbeat - ${past}`.execute(database)
  }

  async #rows(type: string, state: string, count: number): Promise<readonly number[]> {
    const { rows } = await sql<{ id: number }>`
      INSERT INTO resource (type, owner, name, state, data)
      SELECT ${type}, ${project}::bigint, ${type} || n, ${state}, '{}' FROM generate_series(1, ${count}::integer) AS n
      RETURNING id`.execute(this.opened.database)
    return rows.map(({ id }) => id)
  }
}

export function plainOrder(task: number): RolloutOrder {
  return {
    task,
    project,
    image: 'busybox',
    mode: 'all',
    pullPolicy: 'Always',
    parallelism: null,
    timeoutSeconds: null,
    retries: 0,
  }
}

export function done({ host, pull, attempt }: PullOrder, digest = 'sha256:d') {
  return { host, pull, attempt, outcome: 'done', digest } as const
}

export function failed({ host, pull, attempt }: PullOrder, error = 'no such tag') {
  return { host, pull, attempt, outcome: 'failed', error } as const
}

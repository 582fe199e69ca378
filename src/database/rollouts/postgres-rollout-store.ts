import { sql } from 'kysely'
import type {
  EndedPulls,
  HostPull,
  PullAttempt,
  PullEnd,
  PullOrder,
  PullReport,
  RolloutHost,
  RolloutOrder,
  RolloutProgress,
  RolloutStore,
} from '../../core/rollout.ts'
import type { Database } from '../connection.ts'
import { beginRollout } from './begin-rollout.ts'
import { claimPulls, releasePulls } from './claim-pulls.ts'
import { cancelPulls, endPulls } from './end-pulls.ts'
import { expirePulls } from './expire-pulls.ts'
import { readPulled, readPulls, readStatus } from './read-pulls.ts'
import { reportPulls } from './report-pulls.ts'
import { resumePulls } from './resume-pulls.ts'
import { tellProgress } from './rollout-progress.ts'

/** Rollouts in PostgreSQL, shared by all processes. */
export class PostgresRolloutStore implements RolloutStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  begin(order: RolloutOrder, hosts: readonly RolloutHost[], fault?: string): Promise<void> {
    return beginRollout(this.#database, order, hosts, fault)
  }

  claim(process: string, limit: number): Promise<readonly PullOrder[]> {
    return claimPulls(this.#database, process, limit)
  }

  release(pulls: readonly PullAttempt[]): Promise<void> {
    return this.#database.transaction().execute((transaction) => releasePulls(transaction, pulls))
  }

  report(reports: readonly PullReport[]): Promise<readonly number[]> {
    return reportPulls(this.#database, reports)
  }

  end(ends: readonly PullEnd[]): Promise<EndedPulls> {
    return endPulls(this.#database, ends)
  }

  resume(host: number, pulls: readonly PullAttempt[]) {
    return resumePulls(this.#database, host, pulls)
  }

  cancel(task: number): Promise<void> {
    return cancelPulls(this.#database, task)
  }

  expire(stallSeconds: number): Promise<readonly number[]> {
    return expirePulls(this.#database, stallSeconds)
  }

  pulls(task: number): Promise<readonly HostPull[]> {
    return readPulls(this.#database, task)
  }

  pulled(task: number) {
    return readPulled(this.#database, task)
  }

  status(tasks: readonly number[]) {
    return readStatus(this.#database, tasks)
  }

  tell(task: number, write: (progress: RolloutProgress) => Promise<void>): Promise<void> {
    return tellProgress(this.#database, task, write)
  }

  async isBegun(task: number): Promise<boolean> {
    const { rows } = await sql`SELECT FROM rollout WHERE task = ${task}`.execute(this.#database)
    return rows.length > 0
  }

  async isOver(task: number): Promise<boolean> {
    const { rows } = await sql`SELECT FROM rollout WHERE task = ${task} AND NOT ended`.execute(this.#database)
    return rows.length === 0
  }

  async ended(limit: number): Promise<readonly number[]> {
    const { rows } = await sql<{ task: number }>`
      SELECT task FROM rollout WHERE ended AND NOT settled ORDER BY task LIMIT ${limit}`.execute(this.#database)
    return rows.map(({ task }) => task)
  }

  async settled(tasks: readonly number[]): Promise<void> {
    await sql`UPDATE rollout SET settled = true WHERE task = ANY(${[...tasks]}::bigint[])`.execute(this.#database)
  }
}

import type { Resource } from './resource.ts'

/** Where one host is with one pull task. */
export type PullPhase = 'waiting' | 'pulling' | 'done' | 'failed' | 'cancelled'

/** One host's part of a pull task. */
export interface HostPull {
  /** Row id: what server and agent call it. */
  readonly key: number
  readonly task: number
  readonly host: number
  /** What the task's `status` calls the host. */
  readonly hostName: string
  readonly phase: PullPhase
  /** Bytes that are there, and of how many; null while unknown. */
  readonly bytes: number | null
  readonly totalBytes: number | null
  readonly layers: readonly LayerProgress[]
  /** Of the image that was pulled. */
  readonly digest: string | null
  /** Why it failed. */
  readonly error: string | null
  /** How often it was begun. */
  readonly attempt: number
  readonly started: Date | null
  readonly ended: Date | null
}

export interface LayerProgress {
  readonly id: string
  readonly bytes: number
  readonly totalBytes: number | null
  readonly done: boolean
}

/** What a pull task asks for, as it was frozen when it began. */
export interface RolloutOrder {
  readonly task: number
  readonly project: number
  readonly image: string
  readonly mode: 'all' | 'cached'
  readonly pullPolicy: 'Always' | 'IfNotPresent'
  /** Hosts that pull at once; all of them when null. */
  readonly parallelism: number | null
  /** For one host, from its beginning. */
  readonly timeoutSeconds: number | null
  /** Further attempts on a host that failed. */
  readonly retries: number
}

/** A host pull that is to begin now, on a host that is connected here. */
export interface PullOrder extends RolloutOrder {
  readonly pull: number
  readonly host: number
  readonly attempt: number
}

export interface PullReport {
  readonly pull: number
  readonly attempt: number
  readonly bytes?: number
  readonly totalBytes?: number
  readonly layers?: readonly LayerProgress[]
}

export interface PullEnd {
  readonly pull: number
  readonly attempt: number
  readonly outcome: 'done' | 'failed' | 'cancelled'
  readonly digest?: string
  readonly error?: string
}

/** The rollouts of all processes; rows, so that a restart goes on. Reports of an attempt that is over change nothing. */
export interface RolloutStore {
  /** Freezes the order and its hosts; one transaction; again for the same task changes nothing. */
  begin(order: RolloutOrder, hosts: readonly { readonly host: number; readonly name: string }[]): Promise<void>
  /**
   * Takes waiting pulls of these hosts, of each task no more than its parallelism leaves, whoever else claims at the same time.
   * What was claimed by a process that is gone is waiting again.
   */
  claim(hosts: readonly number[], process: string, limit: number): Promise<readonly PullOrder[]>
  /** In one statement. Bytes never fall. */
  report(reports: readonly PullReport[]): Promise<void>
  /** A failed one with retries left waits again. Returns the tasks that have ended with these. */
  end(ends: readonly PullEnd[]): Promise<readonly number[]>
  /** Pulls that an agent says it is still doing are pulling, of this process now. Returns those it shall drop. */
  resume(
    host: number,
    pulls: readonly { readonly pull: number; readonly attempt: number }[],
    process: string,
  ): Promise<readonly number[]>
  /** Waiting ones end at once; returns those under way, whose hosts are to be told. */
  cancel(task: number): Promise<readonly { readonly pull: number; readonly host: number }[]>
  /** Pulls without a report for `stallSeconds`, or older than their task's limit, or waiting for a host that is away, fail. */
  expire(stallSeconds: number): Promise<readonly number[]>
  pulls(task: number): Promise<readonly HostPull[]>
  /** What the task's `status` shows: host name → `Pulling`, `Done` or the error text; and the percentage, which never falls. */
  summary(
    task: number,
  ): Promise<{ readonly status: Readonly<Record<string, string>>; readonly percent: number; readonly ended: boolean }>
  /** Tasks whose hosts have all ended and that nobody has settled. */
  ended(limit: number): Promise<readonly number[]>
}

/** What the life cycle of a pull task asks of the rollouts. Each may be called again for the same task. */
export interface PullTaskWork {
  /**
   * Freezes the order and the hosts of a task that was just created and lets them pull. The task stays in its transition; when all
   * hosts have ended, or there is none, it is settled.
   */
  begin(task: Resource): Promise<void>
  /** All hosts have ended, or there is none, or it was never begun: the life cycle asks when it is told to settle the task. */
  ended(task: Resource): Promise<boolean>
  /** Hosts that wait end as `Cancelled` at once, those that pull are told to stop. A task that was never begun is none. */
  cancel(task: Resource): Promise<void>
}

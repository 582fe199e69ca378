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
  readonly host: number
  readonly pull: number
  readonly attempt: number
  readonly bytes?: number
  readonly totalBytes?: number
  readonly layers?: readonly LayerProgress[]
}

export interface PullEnd {
  readonly host: number
  readonly pull: number
  readonly attempt: number
  readonly outcome: 'done' | 'failed' | 'cancelled'
  readonly digest?: string
  readonly error?: string
}

/** A host of a rollout, as it was chosen. */
export interface RolloutHost {
  readonly host: number
  /** What `status` calls it. */
  readonly name: string
}

/** A host pull and who does it. */
export interface HostOfPull {
  readonly pull: number
  readonly host: number
}

export interface PullAttempt {
  readonly pull: number
  readonly attempt: number
}

/** What ended with a call. */
export interface EndedPulls {
  /** Tasks whose last host ended. */
  readonly tasks: readonly number[]
  /** The other tasks that these are of. */
  readonly open: readonly number[]
  /** What was pulled with success, once for each pull. */
  readonly pulled: readonly { readonly project: number; readonly image: string; readonly host: number }[]
}

export interface RolloutProgress {
  /** Never falls; 100 only when all have ended. */
  readonly percent: number
  readonly hosts: number
  readonly endedHosts: number
  /** One of those that pull at this moment. */
  readonly current: { readonly name: string; readonly bytes: number | null; readonly totalBytes: number | null } | null
  readonly image: string
}

/**
 * The rollouts of all processes; rows, so that a restart goes on. Reports of an attempt that is over, or of another host's pull, change
 * nothing.
 */
export interface RolloutStore {
  /**
   * Freezes the order and its hosts; one transaction; again for the same task changes nothing. With a `fault`, all hosts have failed
   * with that text.
   */
  begin(order: RolloutOrder, hosts: readonly RolloutHost[], fault?: string): Promise<void>
  /**
   * Takes waiting pulls of hosts that are connected to this process, of each task no more than its parallelism leaves, whoever else
   * claims at the same time. What a process that died has claimed counts until its host tells (`resume`) or it stalls.
   */
  claim(process: string, limit: number): Promise<readonly PullOrder[]>
  /** Claimed in vain, nobody was told: they wait again. */
  release(pulls: readonly PullAttempt[]): Promise<void>
  /** In one statement. Bytes never fall. Returns the tasks that these are of. */
  report(reports: readonly PullReport[]): Promise<readonly number[]>
  /** A failed one with retries left waits again. */
  end(ends: readonly PullEnd[]): Promise<EndedPulls>
  /**
   * A host connected to this process and told its pulls. They go on; those of its rows that it does not know wait again, or fail when
   * that happens too often. Returns what it shall drop.
   */
  resume(host: number, pulls: readonly PullAttempt[]): Promise<readonly number[]>
  /** All its pulls end, their hosts are told (`notices`); the task counts as settled. Nothing for a task that has ended. */
  cancel(task: number): Promise<void>
  /**
   * Pulls without a report for `stallSeconds`, or older than their task's limit, or waiting for a host that is away for `stallSeconds`,
   * fail; hosts that pull are told. Time in which no process lived does not count. Returns the tasks that ended.
   */
  expire(stallSeconds: number): Promise<readonly number[]>
  pulls(task: number): Promise<readonly HostPull[]>
  /** Everything that was pulled for a task. */
  pulled(task: number): Promise<EndedPulls['pulled']>
  /** What `status` shows: host name → `Pulling`, `Done` or the error text. Tasks that were never begun are missing. */
  status(tasks: readonly number[]): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>>
  /** Hands the present progress to `write`, one process at a time, so that what is written never falls. Not for tasks that ended. */
  tell(task: number, write: (progress: RolloutProgress) => Promise<void>): Promise<void>
  isBegun(task: number): Promise<boolean>
  /** True for one that was never begun too. */
  isOver(task: number): Promise<boolean>
  /** Tasks whose hosts have all ended and that nobody has settled. */
  ended(limit: number): Promise<readonly number[]>
  settled(tasks: readonly number[]): Promise<void>
}

/** What processes tell each other about rollouts. */
export interface RolloutNotices {
  /** Pulls may be waiting, or a task has ended. */
  wake(): void
  /** These hosts shall stop these pulls. */
  drop(pulls: readonly HostOfPull[]): void
  /** The host is connected to that process now. */
  moved(host: number, process: string): void
}

/** Which process has the connection of a host. */
export interface HostSessions {
  /** This process lives; missed for 15 seconds, its hosts count as away. */
  beat(process: string): Promise<void>
  /** The newest connection has the host; others are told (`moved`). */
  connect(host: number, process: string): Promise<void>
  /** Nothing when it has moved on. */
  disconnect(hosts: readonly number[], process: string): Promise<void>
  /** All its hosts are away from now on. */
  leave(process: string): Promise<void>
  isConnected(hosts: readonly number[]): Promise<ReadonlySet<number>>
}

/** Which host has which images, by the names that images are known by. */
export interface HostImages {
  /** All names that the host has. */
  replace(host: number, names: readonly string[]): Promise<void>
  add(found: readonly { readonly host: number; readonly name: string }[]): Promise<void>
  /** Hosts of the image's project that are not removed, by the image's key. */
  hostsOf(images: readonly number[]): Promise<ReadonlyMap<number, readonly number[]>>
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

/** What logs in at a registry. */
export interface RegistryLogin {
  readonly serverAddress: string
  readonly username: string
  readonly password: string
  readonly email: string
}

export interface RegistryLogins {
  /** Of the project's active registry with that address, whatever its case (rancher-api §3.8); undefined: pull without. */
  find(project: number, registry: string): Promise<RegistryLogin | undefined>
}

/** How hosts join a project, and log in afterwards. Both throw kind `unauthenticated`. */
export interface HostDoor {
  /** The same identity in the project is the same host, with new keys; the old ones end. */
  register(request: {
    readonly token: string
    readonly identity: string
    readonly hostname: string
    readonly name?: string
    readonly labels: Readonly<Record<string, string>>
  }): Promise<{ readonly host: Resource; readonly accessKey: string; readonly secretKey: string }>
  /** The host whose agent sends this `Authorization` header. */
  authenticate(header: string | undefined): Promise<Resource>
  /** True for a token that a host can register with. */
  knows(token: string): Promise<boolean>
}

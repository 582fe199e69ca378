import { coalesced } from '../../core/coalesced.ts'
import type { Log } from '../../core/log.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { HostOfPull, HostSessions, RolloutStore } from '../../core/rollout.ts'
import { greetHost, hostLeft } from './greet-host.ts'
import type { HostGreeting, HostLink } from './host-link.ts'

export interface HostHubOptions {
  readonly process: string
  readonly resources: ResourceStore
  readonly rollouts: RolloutStore
  readonly sessions: HostSessions
  readonly log: Log
  /** There may be something to do. */
  readonly onChange: () => void
}

/** The hosts that are connected to this process. A host has one connection: the newest, whatever process it came to. */
export class HostHub {
  readonly #options: HostHubOptions
  readonly #links = new Map<number, HostLink>()
  readonly #connecting = new Map<number, Promise<void>>()
  readonly #gone = new Set<number>()
  readonly #leave = coalesced(() => this.#writeGone())
  #closed = false

  constructor(options: HostHubOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#links.size
  }

  linkOf(host: number): HostLink | undefined {
    return this.#links.get(host)
  }

  /** Hosts of these without a connection here, or one that is being made. */
  strangers(hosts: readonly number[]): readonly number[] {
    return hosts.filter((host) => !this.#links.has(host) && !this.#connecting.has(host))
  }

  /** One after the other for a host, so that the last one stays. */
  async connect(host: Resource, link: HostLink, greeting: HostGreeting): Promise<void> {
    const before = this.#connecting.get(host.key)
    const now = (async () => {
      await before?.catch(() => undefined)
      await this.#adopt(host, link, greeting)
    })()
    this.#connecting.set(host.key, now)
    try {
      await now
    } finally {
      if (this.#connecting.get(host.key) === now) this.#connecting.delete(host.key)
      this.#options.onChange()
    }
  }

  /**
   * The link is known last: what this process claims for the host meanwhile is given back, and no other process can claim for it,
   * so that the pulls of the greeting are all that the host does.
   */
  async #adopt(host: Resource, link: HostLink, greeting: HostGreeting): Promise<void> {
    const { process, resources, rollouts, sessions, log } = this.#options
    this.#drop(host.key, 'the host has connected again')
    await sessions.connect(host.key, process)
    const drop = await rollouts.resume(host.key, greeting.pulls)
    await greetHost(resources, host, greeting)
    this.#links.set(host.key, link)
    for (const pull of drop) link.cancel(pull)
    log.info('a host has connected', { host: host.key, name: host.name, pulls: greeting.pulls.length })
  }

  /** Nothing when the host has a newer connection. Many that leave at once are written together. */
  async disconnect(host: number, link: HostLink): Promise<void> {
    if (this.#links.get(host) !== link) return
    this.#links.delete(host)
    this.#gone.add(host)
    await this.#leave()
  }

  async #writeGone(): Promise<void> {
    const { process, resources, sessions, log, onChange } = this.#options
    const hosts = [...this.#gone].filter((host) => !this.#links.has(host))
    this.#gone.clear()
    if (hosts.length === 0 || this.#closed) return
    log.info('hosts have gone', { hosts })
    try {
      await sessions.disconnect(hosts, process)
      onChange()
      const elsewhere = await sessions.isConnected(hosts)
      for (const host of hosts) if (!elsewhere.has(host) && !this.#closed) await hostLeft(resources, host)
    } catch (error) {
      // Pulls that are claimed for them are given back, with the sessions.
      log.warn('the end of connections cannot be stored', {
        reason: error instanceof Error ? error.message : String(error),
      })
    }
  }

  cancel(pulls: readonly HostOfPull[]): void {
    for (const { pull, host } of pulls) this.#links.get(host)?.cancel(pull)
  }

  moved(host: number, process: string): void {
    if (process !== this.#options.process) this.#drop(host, 'the host has connected to another process')
  }

  /** A host that was removed may not stay. Undefined: any may have been. */
  async check(key: number | undefined): Promise<void> {
    if (key === undefined) {
      for (const host of [...this.#links.keys()]) await this.check(host)
      return
    }
    if (!this.#links.has(key)) return
    const host = await this.#options.resources.get(['host'], key).catch(() => undefined)
    if (host === undefined || host.removed !== null) this.#drop(key, 'the host was removed')
  }

  /** For good: what ends from now on is not written host by host. */
  closeAll(reason: string): void {
    this.#closed = true
    for (const host of [...this.#links.keys()]) this.#drop(host, reason)
  }

  #drop(host: number, reason: string): void {
    const link = this.#links.get(host)
    this.#links.delete(host)
    link?.close(reason)
  }
}

import type { Resource } from '../core/resource.ts'
import type { PullAttempt } from '../core/rollout.ts'
import type { HostLink, PullCommand } from '../operations/rollouts/host-link.ts'
import type { RolloutEngine } from '../operations/rollouts/rollout-engine.ts'

/** Sees what all hosts really do, whatever the server believes. */
export class PullRecorder {
  readonly #pulling = new Map<number, Set<number>>()
  /** Task → the most hosts that ever pulled for it at once. */
  readonly most = new Map<number, number>()
  /** Host → the images that it has pulled, with repetition. */
  readonly pulled: string[] = []
  /** Hosts that were told to stop. */
  readonly stopped: number[] = []

  begin(task: number, host: number): void {
    const hosts = this.#pulling.get(task) ?? new Set()
    this.#pulling.set(task, hosts.add(host))
    this.most.set(task, Math.max(this.most.get(task) ?? 0, hosts.size))
  }

  end(task: number, host: number): void {
    this.#pulling.get(task)?.delete(host)
  }
}

type Outcome =
  | { readonly outcome: 'done'; readonly digest: string }
  | { readonly outcome: 'failed'; readonly error: string }

interface Pull {
  readonly command: PullCommand
  end: Outcome | undefined
}

export interface SimulatedHostOptions {
  readonly recorder: PullRecorder
  /** How a pull goes; resolves when it has come to its end. */
  readonly work: (command: PullCommand, report: (bytes: number, totalBytes: number) => void) => Promise<Outcome>
}

/** An agent without a network: does what the server says, and goes on with it over lost connections. */
export class SimulatedHost {
  readonly host: Resource
  readonly #options: SimulatedHostOptions
  readonly #pulls = new Map<string, Pull>()
  #link: Link | undefined

  constructor(host: Resource, options: SimulatedHostOptions) {
    this.host = host
    this.#options = options
  }

  async connect(engine: RolloutEngine): Promise<void> {
    const pulls = [...this.#pulls.values()].map(({ command: { order } }) => attemptOf(order))
    const link = new Link(engine, this)
    this.#link = link
    await engine.connect(this.host, link, { hostname: this.host.name ?? '', labels: {}, info: {}, pulls })
    for (const pull of this.#pulls.values()) this.#say(pull)
  }

  /** The connection breaks; nobody tells the server. */
  lose(): void {
    this.#link?.close()
    this.#link = undefined
  }

  take(command: PullCommand): void {
    const pull = { command, end: undefined }
    this.#pulls.set(nameOf(command.order), pull)
    void this.#run(pull)
  }

  acknowledged(attempt: PullAttempt): void {
    this.#pulls.delete(nameOf(attempt))
  }

  stopped(): void {
    this.#options.recorder.stopped.push(this.host.key)
  }

  async #run(pull: Pull): Promise<void> {
    const { recorder, work } = this.#options
    const { order } = pull.command
    recorder.begin(order.task, order.host)
    const report = (bytes: number, totalBytes: number) =>
      this.#link?.engine?.report({ host: order.host, ...attemptOf(order), bytes, totalBytes, layers: [] })
    pull.end = await work(pull.command, report)
    recorder.end(order.task, order.host)
    if (pull.end.outcome === 'done') recorder.pulled.push(`${order.image} on ${order.host}`)
    this.#say(pull)
  }

  #say({ command, end }: Pull): void {
    const link = this.#link
    if (end === undefined || link === undefined) return
    link.engine?.end({ host: this.host.key, ...attemptOf(command.order), ...end }, link)
  }
}

/** One connection of it. */
class Link implements HostLink {
  /** Undefined once it is closed. */
  engine: RolloutEngine | undefined
  readonly #host: SimulatedHost

  constructor(engine: RolloutEngine, host: SimulatedHost) {
    this.engine = engine
    this.#host = host
  }

  pull(command: PullCommand): boolean {
    if (this.engine === undefined) return false
    this.#host.take(command)
    return true
  }

  cancel(): void {
    this.#host.stopped()
  }

  acknowledge(attempt: PullAttempt): void {
    if (this.engine !== undefined) this.#host.acknowledged(attempt)
  }

  close(): void {
    this.engine = undefined
  }
}

function attemptOf({ pull, attempt }: PullAttempt): PullAttempt {
  return { pull, attempt }
}

function nameOf({ pull, attempt }: PullAttempt): string {
  return `${pull}/${attempt}`
}

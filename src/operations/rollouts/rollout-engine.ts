import { coalesced } from '../../core/coalesced.ts'
import { parseImageName } from '../../core/image-name.ts'
import type { Log } from '../../core/log.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type {
  EndedPulls,
  HostImages,
  HostOfPull,
  HostSessions,
  PullEnd,
  PullOrder,
  PullReport,
  RegistryLogin,
  RegistryLogins,
  RolloutNotices,
  RolloutStore,
} from '../../core/rollout.ts'
import { HostHub } from './host-hub.ts'
import type { HostGreeting, HostLink } from './host-link.ts'
import { ProgressTeller } from './progress-teller.ts'
import { refreshImages } from './refresh-images.ts'
import { ReportDesk } from './report-desk.ts'

export interface RolloutEngineOptions {
  /** A name that no other process has, or had. */
  readonly process: string
  readonly resources: ResourceStore
  readonly rollouts: RolloutStore
  readonly sessions: HostSessions
  readonly hostImages: HostImages
  readonly logins: RegistryLogins
  /** The image of that name in the project, made if it is new. */
  readonly rememberImage: (project: number, fullName: string) => Promise<Resource>
  /** Goes on with the transition of a resource: of a pull task whose hosts have ended, of an image that was made. */
  readonly settle: (key: number) => Promise<void>
  /** Seconds after which a pull or a host without a sign fails. */
  readonly stallSeconds: number
  readonly log: Log
}

const claimAtOnce = 500
const settleAtOnce = 100
/** Between two signs of life, and two looks at what stalls. */
const beatMs = 5_000

/** Rolls pulls out to the hosts that are connected to this process. Any number of processes do so at once. */
export class RolloutEngine implements RolloutNotices {
  readonly #options: RolloutEngineOptions
  readonly #hub: HostHub
  readonly #desk: ReportDesk
  readonly #teller: ProgressTeller
  readonly #dispatch = coalesced(() => this.#guarded('pulls cannot be dispatched', () => this.#round()))
  readonly #beat = coalesced(() => this.#guarded('the sign of life cannot be given', () => this.#pulse()))
  /** Who is to be told that an end is stored. */
  readonly #waiting = new Map<string, HostLink>()
  #heart: NodeJS.Timeout | undefined
  #stopping = false
  #unlisten: () => void = () => undefined

  constructor(options: RolloutEngineOptions) {
    this.#options = options
    const { rollouts, resources, log } = options
    this.#teller = new ProgressTeller(resources, rollouts, log)
    this.#desk = new ReportDesk({
      rollouts,
      log,
      onEnded: (ends, ended) => this.#ended(ends, ended),
      onProgress: (tasks) => this.#teller.news(tasks),
    })
    this.#hub = new HostHub({ ...options, onChange: () => this.wake() })
  }

  /** How many hosts are connected here. */
  get hosts(): number {
    return this.#hub.size
  }

  async start(): Promise<void> {
    await this.#options.sessions.beat(this.#options.process)
    this.#unlisten = this.#options.resources.changes((key) => void this.#hub.check(key))
    this.#heart = setInterval(() => void this.#beat(), beatMs)
    this.wake()
  }

  /** Writes what was told and says good-bye; hosts connect to another process, or to the next. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#heart)
    this.#unlisten()
    this.#hub.closeAll('the server stops')
    await this.#desk.close()
    await this.#teller.close()
    await Promise.all([this.#beat(), this.#dispatch()])
    await this.#options.sessions.leave(this.#options.process).catch(() => undefined)
  }

  wake(): void {
    void this.#dispatch()
  }

  drop(pulls: readonly HostOfPull[]): void {
    this.#hub.cancel(pulls)
  }

  moved(host: number, process: string): void {
    this.#hub.moved(host, process)
  }

  /** The agent of a host has said hello. */
  async connect(host: Resource, link: HostLink, greeting: HostGreeting): Promise<void> {
    await this.#hub.connect(host, link, greeting)
  }

  async disconnect(host: number, link: HostLink): Promise<void> {
    await this.#hub.disconnect(host, link)
  }

  report(report: PullReport): void {
    this.#desk.report(report)
  }

  /** It is acknowledged when it is stored. */
  end(end: PullEnd, link: HostLink): void {
    this.#waiting.set(nameOf(end), link)
    this.#desk.end(end)
  }

  async images(host: number, names: readonly string[]): Promise<void> {
    await this.#guarded('the images of a host cannot be stored', () => this.#options.hostImages.replace(host, names))
  }

  async #ended(ends: readonly PullEnd[], { tasks, open, pulled }: EndedPulls): Promise<void> {
    for (const end of ends) {
      this.#waiting.get(nameOf(end))?.acknowledge({ pull: end.pull, attempt: end.attempt })
      this.#waiting.delete(nameOf(end))
    }
    await this.#settle(tasks)
    if (open.length > 0) {
      await this.#guarded('images cannot be refreshed', () => refreshImages(this.#options, pulled))
    }
    this.#teller.news(open)
    this.wake()
  }

  /** Until there is nothing more to claim. */
  async #round(): Promise<void> {
    const { rollouts, process } = this.#options
    for (let goOn = true; goOn && !this.#stopping; ) {
      const orders = await rollouts.claim(process, claimAtOnce)
      const unsent = await this.#send(orders)
      this.#teller.news([...new Set(orders.map(({ task }) => task))])
      goOn = orders.length > 0 && (await this.#takeBack(unsent))
    }
    await this.#settle(await rollouts.ended(settleAtOnce))
  }

  /** Returns those that could not be sent. */
  async #send(orders: readonly PullOrder[]): Promise<readonly PullOrder[]> {
    const logins = new Map<string, RegistryLogin | undefined>()
    const unsent: PullOrder[] = []
    for (const order of orders) {
      const image = parseImageName(order.image)
      if (image === undefined) continue
      const registry = `${order.project}/${image.registry}`
      if (!logins.has(registry)) {
        logins.set(registry, await this.#options.logins.find(order.project, image.registry))
      }
      const login = logins.get(registry)
      const sent = this.#hub.linkOf(order.host)?.pull({ order, image, ...(login !== undefined && { login }) })
      if (sent !== true) unsent.push(order)
    }
    return unsent
  }

  /** Hosts that only the rows know are not claimed for again. False when it is better to wait for the connections of the others. */
  async #takeBack(unsent: readonly PullOrder[]): Promise<boolean> {
    if (unsent.length === 0) return true
    const { rollouts, sessions, process } = this.#options
    const gone = this.#hub.strangers(unsent.map(({ host }) => host))
    if (gone.length > 0) await sessions.disconnect(gone, process)
    await rollouts.release(unsent)
    return gone.length === unsent.length
  }

  /** Images first: who sees the task at its end finds them. */
  async #settle(tasks: readonly number[]): Promise<void> {
    const { rollouts, settle } = this.#options
    for (const task of tasks) {
      await this.#guarded('a pull task cannot be settled', async () => {
        await refreshImages(this.#options, await rollouts.pulled(task))
        await settle(task)
        await rollouts.settled([task])
      })
    }
  }

  async #pulse(): Promise<void> {
    if (this.#stopping) return
    const { sessions, rollouts, process, stallSeconds } = this.#options
    await sessions.beat(process)
    await this.#settle(await rollouts.expire(stallSeconds))
    await this.#dispatch()
  }

  async #guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.log.warn(`${what}; that comes again`, {
        reason: error instanceof Error ? error.message : String(error),
      })
    }
  }
}

function nameOf({ host, pull, attempt }: PullEnd): string {
  return `${host}/${pull}/${attempt}`
}

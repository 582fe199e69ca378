import { DeckleError, toErrorReport } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { LifeCycle } from './life-cycle.ts'

export interface ResourceSweeperOptions {
  readonly resources: ResourceStore
  readonly life: LifeCycle
  readonly log: Log
  /** From one look to the next. */
  readonly intervalMs?: number
  /** A transition that nobody has touched for so long is taken up. */
  readonly unsettledSeconds?: number
}

/** Purged rows answer by their ids for so long (rancher-api §2.4). */
const purgedDays = 2
const atOnce = 100
const rowsAtOnce = 1000

/** Purges what was removed a minute ago, and takes up what a process that died has left. Any number of processes may do so. */
export class ResourceSweeper {
  readonly #options: Required<ResourceSweeperOptions>
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: ResourceSweeperOptions) {
    this.#options = { intervalMs: 5_000, unsettledSeconds: 10, ...options }
  }

  /** Looks until `stop`. */
  start(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#looking = this.look().finally(() => this.start())
    }, this.#options.intervalMs)
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  /** Never throws: the database may be away. */
  async look(): Promise<void> {
    const { resources, unsettledSeconds, log } = this.#options
    try {
      for (const resource of await resources.toPurge(atOnce)) await this.#purge(resource)
      for (const resource of await resources.unsettled(unsettledSeconds, atOnce)) await this.#takeUp(resource)
      await resources.deletePurged(purgedDays, rowsAtOnce)
    } catch (error) {
      log.warn('resources could not be looked at; that comes again', { reason: toErrorReport(error).message })
    }
  }

  async #purge(resource: Resource): Promise<void> {
    try {
      await this.#options.life.act(resource, 'purge')
    } catch (error) {
      // Somebody restores it, or another process purges it.
      if (!(error instanceof DeckleError && error.kind === 'conflict')) throw error
    }
  }

  /** The touch lets others have their turn, should there be more than one look can take, and tells who is still there. */
  async #takeUp({ key, state }: Resource): Promise<void> {
    const { resources, life } = this.#options
    const touched = await resources.change(key, [state], {})
    if (touched !== undefined) await life.goOn(touched)
  }
}

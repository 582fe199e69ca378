import { setTimeout as delay } from 'node:timers/promises'
import { coalesced } from '../core/coalesced.ts'
import { toErrorReport } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { HeldBack, PresenceListener, TaskClaims, WorkerPresence } from '../core/task-worker.ts'
import { type SlotListener, type SlotOptions, SlotProcess } from './slot-process.ts'
import { workerName } from './worker-names.ts'

export interface WorkerSlotsOptions extends SlotOptions {
  /** Processes at most. */
  readonly slots: number
  readonly claims: Pick<TaskClaims, 'countReady' | 'recoverDead'>
  /** Registered as `supervisorNames(slots)`. */
  readonly presence: WorkerPresence
  readonly log: Log
  /** Called when a slot has died, or a task was taken away from a dead worker: it may have left temporary files. Must not throw. */
  readonly afterDeath?: () => void
  /** What nobody may start now: no slot is started for it. */
  readonly heldBack?: () => Promise<HeldBack | undefined>
  /** How often tasks of dead workers, of any machine, are looked for; default 1 s. */
  readonly sweepMs?: number
  /** What slots get to give their tasks back at the end; default 15 s. */
  readonly stopMs?: number
}

const longestForkPauseMs = 30_000

/** The parent's side of the worker slots: forks them for ready tasks, lets idle ones go, takes over from dead ones. */
export class WorkerSlots implements PresenceListener, SlotListener {
  readonly #options: WorkerSlotsOptions
  readonly #processes = new Map<number, SlotProcess>()
  readonly #balance = coalesced(() => this.#attempt('worker slots cannot be started', () => this.#forkForReady()))
  readonly #recover = coalesced(() =>
    this.#attempt('tasks of dead workers cannot be looked for', () => this.#recoverDead()),
  )
  #sweep: NodeJS.Timeout | undefined
  #stopping = false
  /** Slots in a row that died before they could work; each makes the next wait longer. */
  #failedStarts = 0
  #forkAgainAt = 0
  #fetchedBytes = 0

  constructor(options: WorkerSlotsOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    await this.#options.presence.open(this)
    this.#sweep = setInterval(() => this.#look(), this.#options.sweepMs ?? 1_000)
    this.#look()
  }

  /** Slots give their tasks back and end; those that do not within the time are killed. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#sweep)
    await Promise.all([this.#balance(), this.#recover()])
    const slots = [...this.#processes.values()]
    for (const slot of slots) slot.order('stop')
    await this.#allGone(slots)
    await this.#options.presence.close()
  }

  /** Process ids of the slots that are there now. */
  get pids(): readonly number[] {
    return [...this.#processes.values()].flatMap((slot) => slot.pid ?? [])
  }

  /** What all slots together have received from upstreams, those that are gone too. */
  get fetchedBytes(): number {
    return this.#fetchedBytes
  }

  joined(): void {
    this.#look()
  }

  taskReady(): void {
    void this.#balance()
  }

  lost(): void {}

  cancelRequested(): void {}

  changed(slot: SlotProcess): void {
    this.#failedStarts = 0
    if (slot.state === 'busy') void this.#balance()
  }

  fetched(bytes: number): void {
    this.#fetchedBytes += bytes
  }

  exited(slot: SlotProcess): void {
    this.#processes.delete(slot.number)
    if (this.#stopping) return
    const { failure } = slot
    if (failure !== undefined) {
      this.#options.log.warn('a worker slot died', { slot: slot.number, failure })
      this.#options.afterDeath?.()
    }
    if (slot.state === 'starting') {
      const pause = Math.min(250 * 2 ** this.#failedStarts++, longestForkPauseMs)
      this.#forkAgainAt = performance.now() + pause
    }
    this.#look()
  }

  #look(): void {
    void this.#recover()
    void this.#balance()
  }

  async #recoverDead(): Promise<void> {
    if ((await this.#options.claims.recoverDead()) > 0) this.#options.afterDeath?.()
  }

  async #forkForReady(): Promise<void> {
    const free = this.#options.slots - this.#processes.size
    if (this.#stopping || free <= 0 || performance.now() < this.#forkAgainAt) return
    const available = [...this.#processes.values()].filter((slot) => slot.state !== 'busy').length
    const ready = await this.#options.claims.countReady(available + free, await this.#options.heldBack?.())
    for (let missing = ready - available; missing > 0 && !this.#stopping; missing--) this.#fork()
  }

  #fork(): void {
    let number = 0
    while (this.#processes.has(number)) number++
    this.#processes.set(number, new SlotProcess(number, workerName(number), this.#options, this))
  }

  async #attempt(complaint: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.log.warn(complaint, { reason: toErrorReport(error).message })
    }
  }

  async #allGone(slots: readonly SlotProcess[]): Promise<void> {
    const inTime = new AbortController()
    const gone = Promise.all(slots.map((slot) => slot.gone)).then(() => inTime.abort())
    await delay(this.#options.stopMs ?? 15_000, undefined, { signal: inTime.signal }).catch(() => undefined)
    for (const slot of slots) if (this.#processes.get(slot.number) === slot) slot.kill()
    await gone
  }
}

import type { Client } from 'pg'
import type { PresenceListener, WorkerPresence } from '../../core/task-worker.ts'
import type { ControlConnection } from '../control-connection.ts'
import { parseNotice, taskChannel } from './task-notices.ts'
import { beginSession, endSessionSql, heartbeatSql } from './worker-sessions.ts'

/** Heartbeats are 15 s from being missed (worker-sessions). */
const heartbeatMs = 2_000

/**
 * Registers this process under names that `status` shows: a lock on the control connection and a heartbeat. The lock tells of
 * a death at once, the heartbeat of a process that is stopped or loops (design-notes §2, liveness).
 */
export class PostgresWorkerPresence implements WorkerPresence {
  readonly #control: ControlConnection
  readonly #names: readonly string[]
  #session: number | undefined
  #begun: number | undefined
  #heart: NodeJS.Timeout | undefined
  #beating = false

  constructor(control: ControlConnection, names: readonly string[]) {
    this.#control = control
    this.#names = names
  }

  get session(): number | undefined {
    return this.#session
  }

  async open(listener: PresenceListener): Promise<void> {
    this.#heart = setInterval(() => void this.#beat(), heartbeatMs)
    await this.#control.attach({
      channel: taskChannel,
      notice: (payload) => dispatch(payload, listener),
      connected: (client) => this.#register(client),
      ready: () => {
        this.#session = this.#begun
        listener.joined()
      },
      lost: () => {
        this.#session = undefined
        listener.lost()
      },
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#heart)
    const session = this.#session
    this.#session = undefined
    // When the connection is lost, so is the session: nothing to take back.
    if (session !== undefined) await this.#control.query(endSessionSql, [session]).catch(() => undefined)
  }

  async #register(client: Client): Promise<void> {
    this.#begun = await beginSession(client, this.#names)
  }

  async #beat(): Promise<void> {
    if (this.#session === undefined || this.#beating) return
    this.#beating = true
    try {
      await this.#control.query(heartbeatSql, [this.#session, [...this.#names]])
    } catch {
      this.#control.drop()
    } finally {
      this.#beating = false
    }
  }
}

function dispatch(payload: string, listener: PresenceListener): void {
  const notice = parseNotice(payload)
  if (notice?.event === 'ready') listener.taskReady()
  if (notice?.event === 'cancel') listener.cancelRequested(notice.taskId)
}

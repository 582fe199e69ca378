import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import type { Log } from '../core/log.ts'

/** Somebody who hears notices or holds session locks on the control connection. */
export interface ControlSubscriber {
  readonly channel: string
  notice(payload: string): void
  /** Called on every new connection after LISTEN and before `ready`: take session locks here. */
  connected?(client: Client): Promise<void>
  /** Connected, for the first time or again: look once for what notices could not tell meanwhile. */
  ready?(): void
  /** The connection is gone, and all session locks with it. */
  lost?(): void
}

/** A vanished peer is noticed within 5 s on either side; the system's default is two hours (design-notes §2). */
const sessionSettings = `
  SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3;
  SET tcp_user_timeout = 4000; SET idle_session_timeout = 0`
const answerMs = 5_000
const longestPauseMs = 2_000

/**
 * The one connection of a process that outlives queries: notices and session-level locks. Never from the pool, which closes
 * idle connections, and never through a transaction pooler, which shares them.
 */
export class ControlConnection {
  readonly #url: string
  readonly #log: Log
  readonly #subscribers: ControlSubscriber[] = []
  #client: Client | undefined
  #socket: Socket | undefined
  #closed = false

  constructor(url: string, log: Log) {
    this.#url = url
    this.#log = log
  }

  /** Connects; throws when that fails. Later losses are repaired without end. */
  async open(): Promise<void> {
    await this.#connect()
  }

  /** Adds a subscriber, before or after `open`. */
  async attach(subscriber: ControlSubscriber): Promise<void> {
    this.#subscribers.push(subscriber)
    const client = this.#client
    if (client === undefined) return
    await introduce(client, subscriber)
    if (client === this.#client) subscriber.ready?.()
  }

  /** Runs a statement in the session; rejects while there is no connection. An answer takes 5 s at most. */
  async query(text: string, values: readonly unknown[]): Promise<void> {
    if (this.#client === undefined) throw new Error('the control connection to the database is lost')
    await this.#client.query(text, [...values])
  }

  /** Cuts a connection that does not answer; a new one is made. */
  drop(): void {
    this.#socket?.destroy()
  }

  async close(): Promise<void> {
    this.#closed = true
    const client = this.#client
    this.#client = undefined
    await client?.end()
  }

  async #connect(): Promise<void> {
    const socket = new Socket()
    const client = newClient(this.#url, socket)
    // The loss itself is told by `end`, which follows every error.
    client.on('error', (error) => this.#log.warn('the control connection failed', { reason: error.message }))
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''))
    client.on('end', () => this.#lost(client))
    try {
      await client.connect()
      await client.query(sessionSettings)
      for (const subscriber of this.#subscribers) await introduce(client, subscriber)
    } catch (error) {
      socket.destroy()
      throw error
    }
    await this.#adopt(client, socket)
  }

  async #adopt(client: Client, socket: Socket): Promise<void> {
    if (this.#closed) return client.end()
    this.#client = client
    this.#socket = socket
    for (const subscriber of this.#subscribers) subscriber.ready?.()
  }

  #tell(channel: string, payload: string): void {
    for (const subscriber of this.#subscribers) if (subscriber.channel === channel) subscriber.notice(payload)
  }

  #lost(client: Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    this.#log.warn('the control connection to the database is lost; connecting again')
    for (const subscriber of this.#subscribers) subscriber.lost?.()
    void this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    for (let pause = 50; !this.#closed; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        return await this.#connect()
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.#log.warn('the database does not accept the control connection; trying again', { reason })
        await delay(pause)
      }
    }
  }
}

function newClient(url: string, socket: Socket): Client {
  return new Client({
    connectionString: url,
    application_name: 'deckle control',
    stream: () => socket,
    keepAlive: true,
    keepAliveInitialDelayMillis: 2_000,
    connectionTimeoutMillis: answerMs,
    query_timeout: answerMs,
  })
}

async function introduce(client: Client, subscriber: ControlSubscriber): Promise<void> {
  await client.query(`LISTEN ${client.escapeIdentifier(subscriber.channel)}`)
  await subscriber.connected?.(client)
}

import type { ChildProcess } from 'node:child_process'

/** The other end of a channel between parent and child: `process` in a child, the child in its parent. */
type Channel = ChildProcess | NodeJS.Process

type Message =
  | { readonly deckle: 'ask'; readonly id: number; readonly what: string }
  | { readonly deckle: 'answer'; readonly id: number; readonly value: unknown }

/** Neither end waits longer for the other. */
const patienceMs = 2_000

/** Questions between a parent and its child process, by name, in both directions. Answers are plain data. */
export class ProcessCalls {
  readonly #channel: Channel
  readonly #answers: Readonly<Record<string, () => Promise<unknown>>>
  readonly #waiting = new Map<number, (value: unknown) => void>()
  #last = 0

  /** `answers` is what this end knows. */
  constructor(channel: Channel, answers: Readonly<Record<string, () => Promise<unknown>>>) {
    this.#channel = channel
    this.#answers = answers
    channel.on('message', (message) => {
      if (isMessage(message)) void this.#heard(message)
    })
  }

  /** Undefined when the other end does not answer in time, is gone, or fails. */
  async ask(what: string): Promise<unknown> {
    const id = ++this.#last
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => resolve(undefined), patienceMs)
    this.#waiting.set(id, resolve)
    this.#send({ deckle: 'ask', id, what })
    const value = await promise
    clearTimeout(timer)
    this.#waiting.delete(id)
    return value
  }

  async #heard(message: Message): Promise<void> {
    if (message.deckle === 'answer') return this.#waiting.get(message.id)?.(message.value)
    const value = await this.#answers[message.what]?.().catch(() => undefined)
    this.#send({ deckle: 'answer', id: message.id, value })
  }

  #send(message: Message): void {
    // An end that is just dying cannot be told; its exit is what counts then.
    if (this.#channel.connected) this.#channel.send?.(message, undefined, undefined, () => undefined)
  }
}

function isMessage(message: unknown): message is Message {
  if (typeof message !== 'object' || message === null || !('deckle' in message) || !('id' in message)) return false
  return (
    message.deckle === 'answer' || (message.deckle === 'ask' && 'what' in message && typeof message.what === 'string')
  )
}

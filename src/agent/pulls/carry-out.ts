import type { AgentMessage, ServerMessage } from '../../wire/agent/messages.ts'
import type { Clock } from '../clock.ts'
import type { EngineClient } from '../engine/engine-client.ts'
import { type Credential, nameOf } from '../engine/engine-image.ts'
import type { Progress } from '../engine/pull-progress.ts'
import { messageOf } from '../message-of.ts'
import type { SharedPulls } from './shared-pulls.ts'

export type Order = Extract<ServerMessage, { kind: 'pull' }>
export type Ending = Pick<Extract<AgentMessage, { kind: 'end' }>, 'outcome' | 'digest' | 'error'>

export interface Means {
  findEngine(): Promise<EngineClient>
  readonly shared: SharedPulls
  readonly clock: Clock
}

/** An engine that hangs shall not hold a pull for ever. */
const longestSeconds = 6 * 60 * 60
const longestError = 2000

/** Does one order to its end and never throws. Time spent waiting for other pulls counts. */
export async function carryOut(
  order: Order,
  means: Means,
  onProgress: (progress: Progress) => void,
  cancel: AbortSignal,
): Promise<Ending> {
  const seconds = order.timeoutSeconds ?? longestSeconds
  const limit = deadline(means.clock, seconds, cancel)
  try {
    const digest = await pullIfAsked(order, means, { onProgress, signal: limit.signal })
    return { outcome: 'done', ...(digest === undefined ? {} : { digest }) }
  } catch (error) {
    if (cancel.aborted) return { outcome: 'cancelled' }
    const reason = limit.signal.aborted ? `it took longer than ${seconds} seconds` : messageOf(error)
    return { outcome: 'failed', error: failure(order, reason) }
  } finally {
    limit.end()
  }
}

async function pullIfAsked(
  order: Order,
  { findEngine, shared }: Means,
  follower: Parameters<SharedPulls['follow']>[1],
): Promise<string | undefined> {
  const { repository, tag, digest, credential } = order
  const image = { repository, tag, digest }
  if (order.onlyIfPresent || order.onlyIfAbsent) {
    const engine = await findEngine()
    const isThere = await engine.has(image)
    if (order.onlyIfPresent && !isThere) return undefined
    if (order.onlyIfAbsent && isThere) return engine.digestOf(image)
  }
  return shared.follow({ image, credential }, follower)
}

/** A signal that aborts after so long, or with `cancel`. */
function deadline(clock: Clock, seconds: number, cancel: AbortSignal): { signal: AbortSignal; end(): void } {
  const expiry = new AbortController()
  const over = new AbortController()
  const end = () => over.abort()
  cancel.addEventListener('abort', end, { once: true })
  if (cancel.aborted) end()
  void clock.pause(seconds * 1000, over.signal).then(() => {
    if (!over.signal.aborted || cancel.aborted) expiry.abort()
  })
  return { signal: expiry.signal, end }
}

/** The text that the original's agents report (rancher-api §5). */
function failure(order: Order, reason: string): string {
  return `Image [${nameOf(order)}] failed to pull: ${withoutSecret(reason, order.credential)}`.slice(0, longestError)
}

/** Engines do not repeat passwords, but what they print is not ours to trust. */
function withoutSecret(text: string, credential: Credential | undefined): string {
  return credential === undefined || credential.password === '' ? text : text.replaceAll(credential.password, '*****')
}

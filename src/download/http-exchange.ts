import { type Dispatcher, errors } from 'undici'
import { cancelled } from '../core/errors.ts'
import { Pace } from './pace.ts'

/** Bytes that may lie between the connection and who reads them before the connection is paused. */
const highWaterMark = 256 * 1024
/** Bytes of an unwanted body that are read to keep its connection; beyond, a new connection is cheaper. */
const discardBytes = 64 * 1024

export interface HttpResponse {
  readonly status: number
  /** By lower-case name; repeated ones are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: ResponseBody
}

/** Sends a request and resolves with the head of the response. Rejects with what undici or the system threw, or kind `cancelled`. */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const body = new ResponseBody(resolve, reject, signal, new Pace(request.bodyTimeout ?? 0))
    dispatcher.dispatch(request, body)
  })
}

/**
 * The body of one response, read once. It is the handler that undici drives directly: no stream in between, which saves a
 * fifth of the CPU of `request()`. Backpressure pauses the connection.
 */
export class ResponseBody implements Dispatcher.DispatchHandler, AsyncIterable<Uint8Array> {
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (error: unknown) => void
  readonly #signal: AbortSignal
  readonly #pace: Pace
  readonly #onAbort = (): void => this.#stop(cancelled())
  #controller: Dispatcher.DispatchController | undefined
  #chunks: Uint8Array[] = []
  #buffered = 0
  #state: 'flowing' | 'ended' | 'failed' | 'discarding' = 'flowing'
  #failure: unknown
  #isNoticed = false
  #wake: (() => void) | undefined

  constructor(
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
    signal: AbortSignal,
    pace: Pace,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    this.#pace = pace
    signal.addEventListener('abort', this.#onAbort)
    if (signal.aborted) this.#onAbort()
  }

  /** What broke the transfer, once the reader has met it: then what the reader throws is its consequence. */
  get failure(): unknown {
    return this.#isNoticed ? this.#failure : undefined
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunks = this.#chunks
      this.#chunks = []
      this.#buffered = 0
      if (this.#controller?.paused === true) this.#controller.resume()
      yield* chunks
      if (this.#chunks.length > 0) continue
      if (this.#state === 'failed') {
        this.#isNoticed = true
        throw this.#failure
      }
      if (this.#state === 'ended') return
      await this.#next()
    }
  }

  /** Resolves when there is something new. */
  async #next(): Promise<void> {
    const since = performance.now()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    if (this.#state === 'flowing' && this.#pace.isDripping(performance.now() - since))
      this.#stop(new errors.BodyTimeoutError())
  }

  /** To be called when nobody reads any more: the rest is thrown away, and with a long rest the connection. */
  close(): void {
    if (this.#state !== 'flowing') return
    this.#state = 'discarding'
    this.#chunks = []
    if (this.#buffered > discardBytes) this.#stop(cancelled())
    else this.#controller?.resume()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#state === 'failed') controller.abort(cancelled())
  }

  onResponseStart(_controller: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#resolve({ status, headers: joined(headers), body: this })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#buffered += chunk.length
    if (this.#state === 'discarding') {
      if (this.#buffered > discardBytes) this.#stop(cancelled())
      return
    }
    this.#chunks.push(chunk)
    this.#pace.came(chunk.length)
    if (this.#buffered >= highWaterMark) controller.pause()
    this.#awaken()
  }

  onResponseEnd(): void {
    this.#finish('ended')
  }

  onResponseError(_controller: unknown, error: unknown): void {
    this.#fail(error)
  }

  #stop(reason: Error): void {
    this.#chunks = []
    this.#fail(reason)
    this.#controller?.abort(reason)
  }

  #fail(error: unknown): void {
    if (this.#state === 'failed' || this.#state === 'ended') return
    this.#failure = error
    this.#finish('failed')
    this.#reject(error)
  }

  #finish(state: 'ended' | 'failed'): void {
    if (this.#state === 'failed') return
    this.#state = state
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#awaken()
  }

  #awaken(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const lines: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lines[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return lines
}

import { cancelled } from '../core/errors.ts'
import type { Hop } from './hop.ts'
import type { HttpResponse } from './http-exchange.ts'
import type { Patience } from './patience.ts'
import { redactUrl } from './redact-url.ts'
import { isContinuation, type Resumption, rangeHeaders, resumptionOf } from './resumption.ts'
import { StartOver, TransferFailure, toTransferFailure } from './transfer-failure.ts'

/** A response, and the request that it is for. */
export interface Answer {
  readonly hop: Hop
  readonly response: HttpResponse
}

/** Asks for the same URL again with some more headers. Throws what may pass as a transient `TransferFailure`, also a status. */
export type AskAgain = (headers: Record<string, string>) => Promise<Answer>

/** The body of a download, read once. Where its transfer breaks, it goes on with a further answer for the rest, if it can. */
export class ResumingBody implements AsyncIterable<Uint8Array> {
  readonly #askAgain: AskAgain
  readonly #patience: Patience
  readonly #signal: AbortSignal
  readonly #resumption: Resumption | undefined
  #answer: Answer
  #position = 0
  #brokeAt = 0
  #failure: unknown
  #isClosed = false

  constructor(first: Answer, askAgain: AskAgain, patience: Patience, signal: AbortSignal) {
    this.#answer = first
    this.#askAgain = askAgain
    this.#patience = patience
    this.#signal = signal
    this.#resumption = resumptionOf(first.response.headers)
  }

  /** What ended the transfer, once the reader has met it: then what the reader throws is its consequence. */
  get failure(): TransferFailure | undefined {
    return this.#failure === undefined ? undefined : this.#toFailure(this.#failure)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const size = this.#resumption?.size
    for (;;) {
      try {
        for await (const chunk of this.#answer.response.body) {
          this.#position += chunk.length
          if (size !== undefined && this.#position > size)
            throw this.#startOver('upstream sends more than it announced')
          yield chunk
        }
        if (size === undefined || this.#position === size) return
        throw new Error(`the body ends after ${this.#position} of ${size} bytes`)
      } catch (error) {
        await this.#recover(error)
      }
    }
  }

  /** To be called when nobody reads any more. */
  close(): void {
    this.#isClosed = true
    this.#answer.response.body.close()
  }

  /** Gets the answer that continues, or throws the failure that ends this body. */
  async #recover(error: unknown): Promise<void> {
    try {
      let failure: TransferFailure | undefined = this.#toFailure(error)
      if (this.#resumption === undefined || this.#position === 0 || failure instanceof StartOver) throw failure
      this.#patience.gained(this.#position - this.#brokeAt)
      this.#brokeAt = this.#position
      while (failure !== undefined) {
        await this.#patience.endure(failure, this.#signal)
        failure = await this.#goOn(this.#resumption)
      }
    } catch (final) {
      this.#failure = final
      throw final
    }
  }

  /** Asks for the rest. Resolves with a failure that is worth another request for it. */
  async #goOn(resumption: Resumption): Promise<TransferFailure | undefined> {
    try {
      const answer = await this.#askAgain(rangeHeaders(resumption, this.#position))
      this.#answer.response.body.close()
      this.#answer = answer
    } catch (error) {
      if (error instanceof TransferFailure) return error
      throw error
    }
    const { status, headers, body } = this.#answer.response
    if (!this.#isClosed && status === 206 && isContinuation(resumption, this.#position, headers)) return undefined
    body.close()
    throw this.#isClosed ? cancelled() : this.#startOver(`upstream answered ${status} and does not go on`)
  }

  #startOver(reason: string): StartOver {
    const { error } = this.#toFailure(new Error(reason))
    return new StartOver(error, true)
  }

  #toFailure(error: unknown): TransferFailure {
    const { hop } = this.#answer
    return toTransferFailure(error, redactUrl(hop.url.href), hop.byUpstream)
  }
}

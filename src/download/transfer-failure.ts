import { cancelled, DeckleError, type ErrorDetails } from '../core/errors.ts'
import { AddressRefused } from './address-rules.ts'

/** An attempt that failed, and what follows from it. `error` is what the caller gets if it was the last one. */
export class TransferFailure extends Error {
  override readonly name = 'TransferFailure'
  readonly error: DeckleError
  /** Whether another attempt may go better. */
  readonly transient: boolean
  /** Milliseconds that upstream asked to wait. */
  readonly retryAfter: number | undefined

  constructor(error: DeckleError, transient: boolean, retryAfter?: number) {
    super(error.message, { cause: error })
    this.error = error
    this.transient = transient
    this.retryAfter = retryAfter
  }
}

/** A body that cannot be continued, after a failure that was counted: a fresh one is worth a try at once. */
export class StartOver extends TransferFailure {}

/** Code of the DeckleError and whether to try again, by what undici, Node or the system call it. */
const reasons: readonly [pattern: RegExp, code: string, transient: boolean][] = [
  [/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/, 'stalled', true],
  [/^UND_ERR_CONNECT_TIMEOUT$/, 'unreachable', true],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|EAI_AGAIN)$/, 'unreachable', true],
  [/^(ENOTFOUND|EADDRNOTAVAIL|EAFNOSUPPORT)$/, 'unreachable', false],
  [/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|ERR_OSSL_|EPROTO)/, 'tls', false],
  [/^(UND_ERR_ABORTED|UND_ERR_INVALID_ARG)$/, 'refused', false],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'bad_response', false],
]

/** What went wrong on the line. `url` is already fit to be printed. */
export function toTransferFailure(error: unknown, url: string, byUpstream: boolean): TransferFailure {
  if (error instanceof TransferFailure) return error
  if (error instanceof DeckleError) return new TransferFailure(error, false)
  if (error instanceof AddressRefused) return refused(error, url, byUpstream)
  const code = codeOf(error)
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return new TransferFailure(cancelled(), false)
  const [, name, transient] = reasons.find(([pattern]) => pattern.test(code)) ?? [/./, 'broken_transfer', true]
  return new TransferFailure(failed(url, `${messageOf(error)}`, { code: name }, error), transient)
}

/** An answer that is not the content. */
export function statusFailure(status: number, url: string, retryAfter?: number): TransferFailure {
  const error = failed(url, `upstream answered ${status}`, { code: 'http_status', data: { status } })
  return new TransferFailure(error, status === 429 || (status >= 500 && status !== 501), retryAfter)
}

function refused(error: AddressRefused, url: string, byUpstream: boolean): TransferFailure {
  const kind = byUpstream ? 'upstream' : 'invalid'
  return new TransferFailure(new DeckleError(kind, `${url}: ${error.message}`, { code: 'address_refused' }), false)
}

function failed(url: string, reason: string, details: ErrorDetails, cause?: unknown): DeckleError {
  return new DeckleError('upstream', `${url}: ${reason}`, details, { cause })
}

function codeOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error
  return inner instanceof Error && 'code' in inner ? String(inner.code) : ''
}

function messageOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error
  return inner instanceof Error ? inner.message : String(inner)
}

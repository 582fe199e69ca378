import { isJsonObject, type JsonObject } from './json.ts'

const errorKinds = [
  'not-found',
  'conflict',
  'invalid',
  'unauthenticated',
  'forbidden',
  'upstream',
  'cancelled',
  'internal',
] as const

/** Why something failed, in words of the domain. Each API maps the kinds to its own codes with a complete record. */
export type ErrorKind = (typeof errorKinds)[number]

export interface ErrorDetails {
  /** What was not found or is in the way: noun → id, for example `{ repository: 'zoo' }`. */
  readonly resources?: Readonly<Record<string, string>>
  /** Names of the fields at fault, as the caller wrote them. */
  readonly fields?: readonly string[]
  /** What is wrong with `fields`; `invalid` when absent. */
  readonly fault?: 'invalid' | 'missing' | 'unsupported'
  /** A code that a plugin publishes to its users, for example `RPM1004`, or that names one case for an API. */
  readonly code?: string
  /** Facts that belong to `code`. Never a secret. */
  readonly data?: JsonObject
}

/**
 * The one error that Deckle throws on purpose. `message` names the thing and the remedy and holds no secret. Plugins of modules
 * cannot import this class: theirs is any error with this name, a kind and details.
 */
export class DeckleError extends Error {
  static override [Symbol.hasInstance](value: unknown): value is DeckleError {
    if (!(value instanceof Error) || value.name !== 'DeckleError' || !('kind' in value)) return false
    return errorKinds.some((kind) => kind === value.kind) && 'details' in value && isJsonObject(value.details)
  }

  override readonly name = 'DeckleError'
  readonly kind: ErrorKind
  readonly details: ErrorDetails

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options)
    this.kind = kind
    this.details = details
  }
}

/** A thing that was asked for by name and does not exist. */
export function notFound(resources: Readonly<Record<string, string>>): DeckleError {
  const names = Object.entries(resources).map(([noun, id]) => `${noun}=${id}`)
  return new DeckleError('not-found', `Missing resource(s): ${names.join(', ')}`, { resources })
}

/** One or more fields of a request that cannot be accepted. */
export function invalid(
  message: string,
  fields: readonly string[] = [],
  fault: NonNullable<ErrorDetails['fault']> = 'invalid',
): DeckleError {
  return new DeckleError('invalid', message, { fields, fault })
}

/** What an upstream, or the way to it, does wrong: it concerns one file. Anything else (disk full, a bug) is ours and ends the run. */
export function isUpstreamFault(error: unknown): error is DeckleError {
  return error instanceof DeckleError && (error.kind === 'upstream' || error.kind === 'invalid')
}

/** The error that an aborted operation ends with. */
export function cancelled(): DeckleError {
  return new DeckleError('cancelled', 'The operation was cancelled')
}

/** What a failed task keeps of its error, and what its report prints. */
export interface ErrorReport {
  readonly kind: ErrorKind
  readonly message: string
  readonly details: ErrorDetails
  /** The stack for an error that nobody expected; null for one that Deckle threw on purpose. */
  readonly trace: string | null
}

export function toErrorReport(error: unknown): ErrorReport {
  if (error instanceof DeckleError) {
    return { kind: error.kind, message: error.message, details: error.details, trace: null }
  }
  const message = error instanceof Error ? error.message : String(error)
  const trace = error instanceof Error && error.stack !== undefined ? error.stack : null
  return { kind: 'internal', message, details: {}, trace }
}

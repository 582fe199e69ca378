import { randomUUID } from 'node:crypto'
import { DeckleError, type ErrorKind } from '../../core/errors.ts'
import type { RancherErrorBody } from '../../wire/rancher/error.ts'

/** The server's own texts for plain HTTP errors are their codes, blanks and all (rancher-api §1.13). */
const reasons = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Request Entity Too Long',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

export type PlainStatus = keyof typeof reasons

/** What a request is refused with. */
export class RancherError extends Error {
  override readonly name = 'RancherError'
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  /** What to show as `message`; null where code and field say all. */
  readonly shown: string | null

  private constructor(status: number, code: string, shown: string | null, detail: string, field?: string) {
    super(detail)
    this.status = status
    this.code = code
    this.shown = shown
    this.field = field
  }

  static plain(status: PlainStatus, detail = ''): RancherError {
    return new RancherError(status, reasons[status], reasons[status], detail)
  }

  static coded(status: 400 | 403 | 422, code: string, message: string): RancherError {
    return new RancherError(status, code, message, '')
  }

  /** 422: the field cannot be accepted. */
  static field(code: string, field: string, detail = ''): RancherError {
    return new RancherError(422, code, null, detail, field)
  }
}

export const noSuchThing = () => RancherError.plain(404)
export const methodNotAllowed = (detail = '') => RancherError.plain(405, detail)

const statusOf: Readonly<Record<Exclude<ErrorKind, 'invalid'>, PlainStatus>> = {
  'not-found': 404,
  conflict: 409,
  unauthenticated: 401,
  forbidden: 403,
  upstream: 500,
  cancelled: 500,
  internal: 500,
}

/** Codes of operations that are 400 instead of 422. */
const bad: ReadonlySet<string> = new Set(['InvalidBodyContent', 'ServerAddressUsed'])

/** What an error of the domain is on this wire; 500 for one that nobody threw on purpose. */
export function toRancherError(error: unknown): RancherError {
  if (error instanceof RancherError) return error
  if (!(error instanceof DeckleError)) return RancherError.plain(500)
  if (error.kind !== 'invalid') return ofKind(error, error.kind)
  const { code = 'InvalidFormat', fields } = error.details
  if (bad.has(code)) return RancherError.coded(400, code, error.message)
  if (code === 'body-too-large') return RancherError.plain(413, error.message)
  if (code.startsWith('body-')) return RancherError.coded(400, 'InvalidBodyContent', error.message)
  const field = fields?.[0]
  return field === undefined
    ? RancherError.coded(422, code, error.message)
    : RancherError.field(code, field, error.message)
}

function ofKind({ details, message }: DeckleError, kind: Exclude<ErrorKind, 'invalid'>): RancherError {
  if (details.code === 'database_away') return RancherError.plain(503, message)
  const status = statusOf[kind]
  return RancherError.plain(status, status === 409 || status === 403 ? message : '')
}

/** rancher-api §1.13; `fieldName` only where there is one. */
export function printError(error: RancherError): RancherErrorBody {
  return {
    id: randomUUID(),
    type: 'error',
    links: {},
    actions: {},
    baseType: 'error',
    status: error.status,
    code: error.code,
    message: error.shown,
    detail: error.message === '' ? null : error.message,
    ...(error.field !== undefined && { fieldName: error.field }),
  }
}

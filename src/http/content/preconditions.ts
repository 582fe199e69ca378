import type { IncomingHttpHeaders } from 'node:http'

/** What a client's copy of a file is held against. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string
  /** As printed in Last-Modified. */
  readonly lastModified: string
}

/** Evaluates conditional headers in the order of RFC 9110 §13.2.2, for GET and HEAD of a file that exists. */
export function checkPreconditions(
  headers: IncomingHttpHeaders,
  validators: Validators,
): 'proceed' | 'not-modified' | 'failed' {
  if (headers['if-match'] !== undefined) {
    if (!listed(headers['if-match'], validators.etag, 'strong')) return 'failed'
  } else if (changedSince(headers['if-unmodified-since'], validators) === true) return 'failed'
  if (headers['if-none-match'] !== undefined) {
    return listed(headers['if-none-match'], validators.etag, 'weak') ? 'not-modified' : 'proceed'
  }
  return changedSince(headers['if-modified-since'], validators) === false ? 'not-modified' : 'proceed'
}

/** Whether a Range header may be used: the client's part belongs to this very file (RFC 9110 §13.1.5). */
export function rangeApplies(headers: IncomingHttpHeaders, validators: Validators): boolean {
  const condition = headers['if-range']
  if (condition === undefined || Array.isArray(condition)) return condition === undefined
  return condition === validators.etag || condition === validators.lastModified
}

function listed(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some((tag) => tag === etag || (comparison === 'weak' && tag === `W/${etag}`))
}

/** Undefined when there is no date to go by. */
function changedSince(header: string | undefined, validators: Validators): boolean | undefined {
  if (header === undefined || !header.endsWith(' GMT')) return undefined
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Date.parse(validators.lastModified) > date
}

/** What it takes to go on with a body that broke off. */
export interface Resumption {
  /** For If-Range: a strong validator of the representation, as upstream wrote it. */
  readonly validator: string
  /** Bytes of the whole representation. */
  readonly size: number
}

type Headers = Readonly<Record<string, string>>

/**
 * A Last-Modified is strong when it lies well before the Date of its answer, so that a second change within the same second
 * or clocks that differ cannot hide a change (RFC 9110 §8.8.2.2). Milliseconds.
 */
const settled = 60_000

/** How the body of this first answer (status 200) could be continued; undefined when it could not be safely. */
export function resumptionOf(headers: Headers): Resumption | undefined {
  const size = /^\d{1,15}$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : 0
  const validator = strongValidator(headers)
  if (size === 0 || validator === undefined || isEncoded(headers)) return undefined
  return isNone(headers['accept-ranges']) ? undefined : { validator, size }
}

/** Asks for everything from byte `position` on, unless it is another representation by now (RFC 9110 §13.1.5, §14.2). */
export function rangeHeaders({ validator }: Resumption, position: number): Record<string, string> {
  return { range: `bytes=${position}-`, 'if-range': validator }
}

/** Whether an answer with status 206 goes on at byte `position` of the very same representation (RFC 9110 §14.4, §15.3.7). */
export function isContinuation({ validator, size }: Resumption, position: number, headers: Headers): boolean {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(headers['content-range'] ?? '') ?? []
  if (Number(first) !== position || Number(total) !== size || Number(last) < position || Number(last) >= size)
    return false
  const current = validator.startsWith('"') ? headers['etag'] : headers['last-modified']
  return !isEncoded(headers) && (current === undefined || current.trim() === validator)
}

/** An entity tag, if there is any, shuts out the date; a weak one shuts out both (RFC 9110 §13.1.5). */
function strongValidator({ etag, date, 'last-modified': modified }: Headers): string | undefined {
  if (etag !== undefined) return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag.trim()) ? etag.trim() : undefined
  const [changedAt, sentAt] = [httpDate(modified), httpDate(date)]
  if (modified === undefined || changedAt === undefined || sentAt === undefined) return undefined
  return sentAt - changedAt >= settled ? modified.trim() : undefined
}

/** The preferred form only (RFC 9110 §5.6.7): servers that write another are not to be trusted with ranges. */
function httpDate(text: string | undefined): number | undefined {
  const form = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
  const time = form.test(text?.trim() ?? '') ? Date.parse(text ?? '') : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

function isEncoded(headers: Headers): boolean {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity'
}

function isNone(ranges: string | undefined): boolean {
  return ranges?.trim().toLowerCase() === 'none'
}

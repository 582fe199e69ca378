import type { ByteRange } from '../../core/blob-store.ts'

/**
 * Reads a Range header for a file of `size` bytes (RFC 9110 §14). Several ranges, other units and nonsense get the whole file,
 * which the RFC allows.
 */
export function parseRange(header: string, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header)
  const [, first, last] = match ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'whole'
  return first === '' ? suffix(Number(last), size) : span(Number(first), last === '' ? Infinity : Number(last), size)
}

function suffix(length: number, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (length === 0) return 'unsatisfiable'
  return length >= size ? 'whole' : { start: size - length, end: size - 1 }
}

function span(start: number, end: number, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (end < start) return 'whole'
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) }
}

import { isJsonObject, type Json } from '../../../core/json.ts'
import type { PackageOrder } from './package-order.ts'

/** What is kept of a segment of packages. */
export interface SegmentNote {
  readonly packages: number
  readonly first: PackageOrder
  /** Bytes of its text in primary, filelists and other. */
  readonly open: readonly number[]
}

/** The begin and the end of the files are segments without a note. */
export function isNote(note: Json): note is Json & SegmentNote {
  return isJsonObject(note) && Array.isArray(note['first']) && Array.isArray(note['open'])
}

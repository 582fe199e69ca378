import type { JsonObject } from '../../../core/json.ts'
import type { PrimaryPackage } from '../metadata/primary-package.ts'

/** Where a package stands among others: equal sets of packages give equal files (design-notes §1.6). */
export type PackageOrder = readonly string[]

/** Fields of a unit's metadata, compared bytewise. */
export const orderFields = ['name', 'epoch', 'version', 'release', 'arch', 'checksum'] as const

export function orderOfUnit(metadata: JsonObject): PackageOrder {
  return orderFields.map((field) => String(metadata[field] ?? ''))
}

export function orderOfPackage(found: PrimaryPackage): PackageOrder {
  return orderFields.map((field) => (field === 'checksum' ? found.checksum.toLowerCase() : found[field]))
}

/** As PostgreSQL does with the collation C. */
export function compareOrder(one: PackageOrder, other: PackageOrder): number {
  for (const [index, text] of one.entries()) {
    const against = other[index] ?? ''
    if (text !== against) return Buffer.compare(Buffer.from(text), Buffer.from(against))
  }
  return 0
}

const fewest = 32
const most = 512
const usual = 128

/**
 * Whether a package begins a segment of its own after one of `size` packages. Decided by what it is, so that a change moves no
 * boundary but those around it (design-notes §1.6).
 */
export function startsSegment(size: number, order: PackageOrder): boolean {
  if (size >= most) return true
  const checksum = order.at(-1) ?? ''
  return size >= fewest && Number.parseInt(checksum.slice(-4), 16) % usual === 0
}

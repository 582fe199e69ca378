import type { Measured } from '../../core/digest.ts'

/** Each blob once, in the order in which every transaction locks blob rows, as arrays for `unnest`. */
export function distinctBlobs(blobs: readonly Measured[]): {
  readonly digests: readonly Buffer[]
  readonly sizes: readonly number[]
} {
  const sizes = new Map(blobs.map((blob) => [blob.sha256, blob.size]))
  const names = [...sizes.keys()].sort()
  return {
    digests: names.map((name) => Buffer.from(name, 'hex')),
    sizes: names.map((name) => sizes.get(name) ?? 0),
  }
}

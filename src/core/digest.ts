import { createHash, type Hash, hash } from 'node:crypto'
import { DeckleError } from './errors.ts'

/** The algorithms that upstreams of our content families use. `sha` of old repodata is normalised to `sha1`. */
export const digestAlgorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const
export type DigestAlgorithm = (typeof digestAlgorithms)[number]

export interface Digest {
  readonly algorithm: DigestAlgorithm
  /** Lower-case hexadecimal. */
  readonly value: string
}

/** What is known of bytes before they are fetched. Nothing known is legal: then the fetch decides. */
export interface Expected {
  readonly digests?: readonly Digest[]
  /** Bytes. */
  readonly size?: number
}

/** What is known of bytes once all of them were seen. */
export interface Measured {
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

export function isDigestAlgorithm(name: string): name is DigestAlgorithm {
  return (digestAlgorithms as readonly string[]).includes(name)
}

/** Reads an algorithm as repodata and configs spell it; undefined when it is none of ours. */
export function parseDigestAlgorithm(name: string): DigestAlgorithm | undefined {
  const lower = name.toLowerCase()
  const normal = lower === 'sha' ? 'sha1' : lower
  return isDigestAlgorithm(normal) ? normal : undefined
}

/**
 * Measures a stream and holds it against what was promised. Size is checked on each `update`, so that an endless
 * body is cut at once; digests in `finish`. Throws kind `upstream`, code `size_mismatch` or `checksum_mismatch`
 * (the names that pulp2-types §5.4 gives them).
 */
export class Verifier {
  readonly #expected: Expected
  readonly #sha256 = createHash('sha256')
  readonly #others: { digest: Digest; hash: Hash }[]
  #size = 0

  constructor(expected: Expected = {}) {
    this.#expected = expected
    const foreign = (expected.digests ?? []).filter((digest) => digest.algorithm !== 'sha256')
    this.#others = foreign.map((digest) => ({ digest, hash: createHash(digest.algorithm) }))
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length
    if (this.#expected.size !== undefined && this.#size > this.#expected.size) throw this.#sizeMismatch('more than')
    this.#sha256.update(chunk)
    for (const { hash } of this.#others) hash.update(chunk)
  }

  finish(): Measured {
    if (this.#expected.size !== undefined && this.#size !== this.#expected.size) throw this.#sizeMismatch('not')
    const sha256 = this.#sha256.digest('hex')
    for (const digest of this.#expected.digests ?? []) {
      if (digest.algorithm === 'sha256') requireDigest(digest, sha256)
    }
    for (const { digest, hash } of this.#others) requireDigest(digest, hash.digest('hex'))
    return { sha256, size: this.#size }
  }

  #sizeMismatch(relation: 'more than' | 'not'): DeckleError {
    const expected = this.#expected.size as number
    return new DeckleError('upstream', `size is ${this.#size} bytes, ${relation} the expected ${expected}`, {
      code: 'size_mismatch',
      data: { expected_size: expected, actual_size: this.#size },
    })
  }
}

/** The bytes of a blob as they come; throws as `Verifier` does when they turn out not to be its. */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  { sha256, size }: Measured,
): AsyncGenerator<Uint8Array> {
  const verifier = new Verifier({ digests: [{ algorithm: 'sha256', value: sha256 }], size })
  for await (const chunk of bytes) {
    verifier.update(chunk)
    yield chunk
  }
  verifier.finish()
}

/** Whether an error says that bytes are not the promised ones. */
export function isMismatch(error: unknown): error is DeckleError {
  return error instanceof DeckleError && error.details.code?.endsWith('_mismatch') === true
}

function requireDigest(expected: Digest, actual: string): void {
  if (expected.value === actual) return
  throw new DeckleError('upstream', `${expected.algorithm} is ${actual}, expected ${expected.value}`, {
    code: 'checksum_mismatch',
    data: { checksum_type: expected.algorithm, expected_checksum: expected.value, actual_checksum: actual },
  })
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes)
}

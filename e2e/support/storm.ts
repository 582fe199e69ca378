import { createHash } from 'node:crypto'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Fault } from './fault.ts'
import type { FaultProxy } from './fault-proxy.ts'

type Choose = FaultProxy['choose']

/** Nothing vouches for these: that their bytes were changed on the way cannot be told from a new version. */
const unvouched = ['PULP_MANIFEST', 'repodata/repomd.xml']

/**
 * Faults by chance: of all answers, a part of `rate` goes wrong. What happens to a request depends on the seed, its path and how
 * often that was asked for, not on the order in which requests come.
 */
export function storm(seed: number, rate: number): Choose {
  return ({ path, nth, size }) => {
    const digest = createHash('sha256').update(`${seed} ${nth} ${path}`).digest()
    const random = new SeededRandom(digest.readUInt32LE())
    if (random.next() >= rate) return undefined
    const offset = random.below(size)
    return random.pick(
      unvouched.includes(path) ? plainFaults(offset) : [...plainFaults(offset), ...silentFaults(offset)],
    )
  }
}

/** Those that the protocol shows. */
function plainFaults(after: number): readonly Fault[] {
  return [
    { kind: 'reset', after },
    { kind: 'end', after },
    { kind: 'stall', after, milliseconds: 200 },
    { kind: 'drip', pieces: 5, milliseconds: 20 },
    { kind: 'unsized', after },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503, retryAfter: 1 },
    { kind: 'status', status: 404 },
    { kind: 'loop' },
    { kind: 'hang-up' },
  ]
}

/** Those that only a checksum shows. */
function silentFaults(offset: number): readonly Fault[] {
  return [{ kind: 'short', after: offset }, { kind: 'flip', at: offset }, { kind: 'other' }]
}

import { type Inflate, inflateSync } from 'node:zlib'
import { BitReader, prefixCode } from './prefix-code.ts'

/** What is allowed below a folder: patterns of names, and what is allowed below each. Without any, everything is. */
export interface PathTree {
  readonly children: readonly (readonly [pattern: string, below: PathTree])[]
}

const longestText = 1024 * 1024
const mostNodes = 100_000
/** Allows nothing: no name is empty. */
const nothing: PathTree = { children: [['', { children: [] }]] }

/**
 * The packed tree of paths of an entitlement certificate of version 3: names, compressed with zlib and parted by NULs; the number of
 * nodes; then the nodes, each as pairs of a name and the node below it, up to the empty name. Names and nodes are written in prefix
 * codes whose weights are their positions, so no table is needed; the first node is the root and nobody's child. What cannot be read
 * allows nothing.
 */
export function readPathTree(payload: Uint8Array): PathTree {
  try {
    const root = unpack(payload)
    return root === undefined || root.children.length === 0 ? nothing : root
  } catch {
    return nothing
  }
}

function unpack(payload: Uint8Array): PathTree | undefined {
  const { text, rest } = inflated(payload)
  const words = text.split('\0')
  // A name that took no bits would be read for ever.
  if (words.length < 2) return undefined
  const names = prefixCode(words)
  const { count, bits } = readCount(rest)
  const nodes = Array.from({ length: count }, () => ({ children: [] as (readonly [string, PathTree])[] }))
  const [root, ...others] = nodes
  if (others.length === 0) return undefined
  const below = prefixCode<PathTree>(others)
  const reader = new BitReader(bits)
  for (const { children } of nodes) {
    for (let name = reader.read(names); name !== ''; name = reader.read(names))
      children.push([name, reader.read(below)])
  }
  return root
}

function inflated(payload: Uint8Array): { readonly text: string; readonly rest: Uint8Array } {
  // Node's types do not know what `info` makes of the answer.
  const answer: unknown = inflateSync(payload, { info: true, maxOutputLength: longestText })
  if (!isInformed(answer)) throw new TypeError('zlib does not say how much it has read')
  return { text: answer.buffer.toString(), rest: payload.subarray(answer.engine.bytesWritten) }
}

function isInformed(answer: unknown): answer is { readonly buffer: Buffer; readonly engine: Inflate } {
  return typeof answer === 'object' && answer !== null && 'buffer' in answer && 'engine' in answer
}

/** One byte, or how many bytes say it (as lengths in DER). */
function readCount(bytes: Uint8Array): { readonly count: number; readonly bits: Uint8Array } {
  const [first = 0] = bytes
  const more = first < 0x80 ? 0 : first & 0x7f
  const count = more === 0 ? first : bytes.subarray(1, 1 + more).reduce((sum, byte) => sum * 256 + byte, 0)
  if (count > mostNodes) throw new RangeError('the tree is too large')
  return { count, bits: bytes.subarray(1 + more) }
}

/** A Huffman code whose weights are 1, 2, 3 … in the order of its symbols, so that no table is sent along. */
export type PrefixCode<Symbol> =
  | { readonly symbol: Symbol }
  | readonly [zero: PrefixCode<Symbol>, one: PrefixCode<Symbol>]

/** Of equal weights the one that was there first counts as lighter. Throws RangeError without symbols. */
export function prefixCode<Symbol>(symbols: readonly Symbol[]): PrefixCode<Symbol> {
  // Symbols come in order of weight, and joints are made in order of weight: the lightest is the head of one of two queues.
  const leaves = symbols.map((symbol, index): Weighed<Symbol> => ({ code: { symbol }, weight: index + 1 }))
  const joints: Weighed<Symbol>[] = []
  let [usedLeaves, usedJoints] = [0, 0]
  const takeLightest = () => {
    const [leaf, joint] = [leaves[usedLeaves], joints[usedJoints]]
    const takesLeaf = leaf !== undefined && (joint === undefined || leaf.weight <= joint.weight)
    if (takesLeaf) usedLeaves++
    else usedJoints++
    const taken = takesLeaf ? leaf : joint
    if (taken === undefined) throw new RangeError('a prefix code without symbols')
    return taken
  }
  for (let pair = 1; pair < symbols.length; pair++) {
    const [zero, one] = [takeLightest(), takeLightest()]
    joints.push({ code: [zero.code, one.code], weight: zero.weight + one.weight })
  }
  return takeLightest().code
}

interface Weighed<Symbol> {
  readonly code: PrefixCode<Symbol>
  readonly weight: number
}

/** Bits of bytes, the highest of each first. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The next symbol; a code of one symbol takes no bits. Throws RangeError at the end. */
  read<Symbol>(code: PrefixCode<Symbol>): Symbol {
    let place = code
    while (!('symbol' in place)) place = place[this.#bit()]
    return place.symbol
  }

  #bit(): 0 | 1 {
    const byte = this.#bytes[this.#at >> 3]
    if (byte === undefined) throw new RangeError('the bits have ended')
    return ((byte >> (7 - (this.#at++ & 7))) & 1) === 1 ? 1 : 0
  }
}

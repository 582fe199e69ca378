import { deflateSync } from 'node:zlib'
import { type PrefixCode, prefixCode } from '../certificates/prefix-code.ts'

type Extensions = Readonly<Record<string, Uint8Array>>

/** A string in DER. */
export function text(value: string): Uint8Array {
  return der(0x0c, Buffer.from(value))
}

/** What a certificate consists of as far as its extensions go; nobody has signed it. */
export function certificateWith(extensions: Extensions): Buffer {
  const entries = Object.entries(extensions).map(([id, value]) =>
    der(0x30, Buffer.concat([der(0x06, identifier(id)), der(0x04, value)])),
  )
  return der(0x30, der(0x30, der(0xa3, der(0x30, Buffer.concat(entries)))))
}

/** The payload of an entitlement certificate of version 3 for these paths, in DER. */
export function packedTree(paths: readonly string[]): Uint8Array {
  const nodes = nodesOf(paths)
  const names = [...new Set(nodes.flatMap((node) => [...node.keys()])), '']
  const nameCodes = codesOf(prefixCode(names))
  const nodeCodes = codesOf(prefixCode(nodes.slice(1)))
  const bits = nodes.flatMap((node) => [
    ...[...node].flatMap(([name, child]) => [nameCodes.get(name), nodeCodes.get(child)]),
    nameCodes.get(''),
  ])
  return octets(Buffer.concat([deflateSync(names.join('\0')), count(nodes.length), packed(bits.join(''))]))
}

/** Bytes in DER. */
export function octets(bytes: Uint8Array): Uint8Array {
  return der(0x04, bytes)
}

type Node = Map<string, Node>

/** The root first. What is below an entitled path needs no node. */
function nodesOf(paths: readonly string[]): readonly Node[] {
  const nodes: Node[] = [new Map()]
  for (const path of paths.toSorted((one, other) => other.length - one.length)) {
    let node = nodes[0] ?? new Map()
    for (const name of path.split('/').filter((segment) => segment !== '')) {
      const next: Node = node.get(name) ?? new Map()
      node.set(name, next)
      node = next
    }
    node.clear()
  }
  for (const node of nodes) nodes.push(...node.values())
  return nodes
}

function codesOf<Symbol>(code: PrefixCode<Symbol>, prefix = ''): Map<Symbol, string> {
  if ('symbol' in code) return new Map([[code.symbol, prefix]])
  return new Map([...codesOf(code[0], `${prefix}0`), ...codesOf(code[1], `${prefix}1`)])
}

function packed(bits: string): Buffer {
  const bytes = bits.match(/.{1,8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)))
}

function count(value: number): Buffer {
  return value < 0x80 ? Buffer.of(value) : Buffer.of(0x82, value >> 8, value & 0xff)
}

function identifier(id: string): Buffer {
  const [root = 0, second = 0, ...rest] = id.split('.').map(Number)
  return Buffer.from([root * 40 + second, ...rest].flatMap(base128))
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}

function der(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag), count(content.length), content])
}

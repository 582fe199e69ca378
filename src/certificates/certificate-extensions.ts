/** An element of DER (X.690 §8.1). */
interface Element {
  readonly tag: number
  readonly content: Uint8Array
}

const extensionsTag = 0xa3
const identifierTag = 0x06
const octetsTag = 0x04
const textTags = new Set([0x0c, 0x13, 0x16])

/** The extensions of a certificate by their object identifiers, dotted (RFC 5280 §4.1). Empty where nothing can be made of them. */
export function extensionsOf({ raw }: { readonly raw: Uint8Array }): ReadonlyMap<string, Uint8Array> {
  const [certificate] = elements(raw)
  const [signed] = elements(certificate?.content)
  const holder = elements(signed?.content).find(({ tag }) => tag === extensionsTag)
  const [list] = elements(holder?.content)
  return new Map(elements(list?.content).flatMap(({ content }) => toEntry(elements(content))))
}

/** The text of an extension that is one string. */
export function extensionText(value: Uint8Array): string | undefined {
  const [text] = elements(value)
  return text && textTags.has(text.tag) ? Buffer.from(text.content).toString() : undefined
}

/** The bytes of an extension that is one string of octets. */
export function extensionBytes(value: Uint8Array): Uint8Array | undefined {
  const [bytes] = elements(value)
  return bytes?.tag === octetsTag ? bytes.content : undefined
}

function toEntry(parts: readonly Element[]): [string, Uint8Array][] {
  const [identifier] = parts
  const value = parts.at(-1)
  if (identifier?.tag !== identifierTag || value?.tag !== octetsTag) return []
  return [[printIdentifier(identifier.content), value.content]]
}

/** X.690 §8.19. */
function printIdentifier(content: Uint8Array): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}

/** What stands in a constructed element; as far as it is well-formed. */
function elements(bytes: Uint8Array = new Uint8Array()): readonly Element[] {
  const found: Element[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const tag = bytes[at] ?? 0
    const { length, head } = readLength(bytes, at + 1)
    const end = at + 1 + head + length
    if (end > bytes.length) return found
    found.push({ tag, content: bytes.subarray(at + 1 + head, end) })
    at = end
  }
  return found
}

/** X.690 §8.1.3: `head` is how many bytes it takes to say. */
function readLength(bytes: Uint8Array, at: number): { readonly length: number; readonly head: number } {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { length: first, head: 1 }
  const count = first & 0x7f
  const length = bytes.subarray(at + 1, at + 1 + count).reduce((sum, byte) => sum * 256 + byte, 0)
  return { length: count === 0 ? Number.POSITIVE_INFINITY : length, head: 1 + count }
}

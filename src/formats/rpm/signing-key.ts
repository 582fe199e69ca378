import type { RpmHeader } from './rpm-header.ts'
import { signatureTags } from './rpm-tags.ts'

/**
 * The id of the key that a package says it was signed with: 16 hexadecimal digits, lower case. Undefined for an unsigned one. Nothing
 * is verified.
 */
export function signingKey(signature: RpmHeader): string | undefined {
  const { rsaHeader, dsaHeader, pgp, gpg } = signatureTags
  for (const tag of [rsaHeader, dsaHeader, pgp, gpg]) {
    const key = keyOf(signature.binary(tag))
    if (key !== undefined) return key
  }
  for (const text of signature.texts(signatureTags.openPgp)) {
    const key = keyOf(Buffer.from(text.toString('latin1'), 'base64'))
    if (key !== undefined) return key
  }
  return undefined
}

function keyOf(packet: Buffer | undefined): string | undefined {
  const body = packet === undefined ? undefined : signatureBody(packet)
  return body === undefined ? undefined : issuer(body)
}

const signaturePacket = 2

/** The body of an OpenPGP packet if it is a signature (RFC 9580 §4.2): both forms of its head. */
function signatureBody(packet: Buffer): Buffer | undefined {
  const head = packet[0] ?? 0
  if ((head & 0x80) === 0) return undefined
  const isNew = (head & 0x40) !== 0
  if ((isNew ? head & 0x3f : (head >> 2) & 0xf) !== signaturePacket) return undefined
  return packet.subarray(1 + (isNew ? newLengthBytes(packet[1] ?? 0) : oldLengthBytes(head & 0x3)))
}

/** The last kind of length says that the packet ends with the data. */
function oldLengthBytes(kind: number): number {
  return kind === 3 ? 0 : 1 << kind
}

function newLengthBytes(first: number): number {
  if (first < 192) return 1
  return first < 224 ? 2 : 5
}

/** Of a signature of version 3, 4 or 6 (RFC 4880 §5.2.2, RFC 9580 §5.2.3). */
function issuer(body: Buffer): string | undefined {
  const version = body[0]
  if (version === 3) return hex(body.subarray(7, 15))
  if (version === 4) return issuerOfSubpackets(body, 2)
  return version === 6 ? issuerOfSubpackets(body, 4) : undefined
}

/** Looks through the hashed subpackets, then through the others; `width` is that of the numbers that count their bytes. */
function issuerOfSubpackets(body: Buffer, width: number): string | undefined {
  let at = 4
  for (let areas = 0; areas < 2 && at + width <= body.length; areas++) {
    const end = at + width + body.readUIntBE(at, width)
    for (const [type, value] of subpackets(body.subarray(at + width, end))) {
      const key = issuerIn(type, value)
      if (key !== undefined) return key
    }
    at = end
  }
  return undefined
}

function* subpackets(area: Buffer): Generator<readonly [number, Buffer]> {
  for (let at = 0; at < area.length; ) {
    const bytes = newLengthBytesOfSubpacket(area[at] ?? 0)
    if (at + bytes >= area.length) return
    const length = subpacketLength(area, at, bytes)
    const start = at + bytes
    // The highest bit says that readers must understand the subpacket.
    yield [(area[start] ?? 0) & 0x7f, area.subarray(start + 1, start + length)]
    at = start + Math.max(length, 1)
  }
}

function newLengthBytesOfSubpacket(first: number): number {
  if (first < 192) return 1
  return first < 255 ? 2 : 5
}

function subpacketLength(area: Buffer, at: number, bytes: number): number {
  const first = area[at] ?? 0
  if (bytes === 1) return first
  return bytes === 2 ? ((first - 192) << 8) + (area[at + 1] ?? 0) + 192 : area.readUInt32BE(at + 1)
}

const issuerKeyId = 16
const issuerFingerprint = 33

/** A fingerprint of version 4 ends with the key id, a later one begins with it. */
function issuerIn(type: number, value: Buffer): string | undefined {
  if (type === issuerKeyId) return hex(value)
  if (type !== issuerFingerprint) return undefined
  return hex(value[0] === 4 ? value.subarray(-8) : value.subarray(1, 9))
}

function hex(id: Buffer): string | undefined {
  return id.length === 8 ? id.toString('hex') : undefined
}

import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { sha256Hex } from '../../core/digest.ts'
import type { Json } from '../../core/json.ts'

/** What somebody logs in with: user name and password of Basic credentials (rancher-api §1.6, §4.7). */
export interface KeyPair {
  /** 20 upper-case hexadecimal digits. */
  readonly accessKey: string
  /** 40 letters and digits: nothing to guess, so a plain sha256 of it is kept. */
  readonly secretKey: string
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export function newKeyPair(): KeyPair {
  const accessKey = randomBytes(10).toString('hex').toUpperCase()
  return { accessKey, secretKey: randomText(40) }
}

export function looksLikeAccessKey(text: string): boolean {
  return /^[0-9A-F]{20}$/.test(text)
}

/** Whether the secret has this sha256, in hexadecimal digits. */
export function hasDigest(secret: string, sha256: Json | undefined): boolean {
  return typeof sha256 === 'string' && isSame(sha256Hex(secret), sha256)
}

/** In a time that does not tell how much of it is right. */
export function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

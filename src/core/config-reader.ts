import { X509Certificate } from 'node:crypto'
import { Violations } from './config-shape.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/**
 * Reads keys of a raw config in the forms that clients of Pulp send (pulp2-types §2): booleans also as text, whole numbers also
 * as digits, null for unset. What does not fit is gathered; `finish` throws all of it at once. No value is ever repeated in a
 * message, since it may be a secret.
 */
export class ConfigReader {
  readonly #raw: JsonObject
  readonly #violations = new Violations()

  constructor(raw: JsonObject) {
    this.#raw = raw
  }

  /** Present and not null. */
  has(key: string): boolean {
    return this.#get(key) !== undefined
  }

  /** Present, null or not. */
  names(key: string): boolean {
    return Object.hasOwn(this.#raw, key)
  }

  /** Present and neither null nor an empty string or list. */
  isFilled(key: string): boolean {
    const value = this.#get(key)
    return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)
  }

  text(key: string): string | undefined {
    return this.#read(key, 'must be a string', (value) => (typeof value === 'string' ? value : undefined))
  }

  flag(key: string, fallback: boolean): boolean {
    return this.#read(key, 'must be true or false', toFlag) ?? fallback
  }

  integer(key: string, least: number): number | undefined {
    const fits = (value: number) => Number.isSafeInteger(value) && value >= least
    return this.#read(key, `must be a whole number of at least ${least}`, (value) => toNumber(value, fits))
  }

  positiveNumber(key: string): number | undefined {
    const fits = (value: number) => Number.isFinite(value) && value > 0
    return this.#read(key, 'must be a number above zero', (value) => toNumber(value, fits))
  }

  number(key: string, least: number): number | undefined {
    const fits = (value: number) => Number.isFinite(value) && value >= least
    return this.#read(key, `must be a number of at least ${least}`, (value) => toNumber(value, fits))
  }

  oneOf<Choice extends string>(key: string, choices: readonly Choice[]): Choice | undefined {
    const find = (value: Json) => choices.find((choice) => choice === value)
    return this.#read(key, `must be one of ${choices.join(', ')}`, find)
  }

  texts(key: string): readonly string[] {
    return this.#read(key, 'must be a list of strings', toTexts) ?? []
  }

  /** An object of strings, in the order of its keys. */
  textMap(key: string): ReadonlyMap<string, string> {
    return this.#read(key, 'must be an object whose values are strings', toTextMap) ?? new Map()
  }

  /** A list of strings, or one string with commas between them; blanks around them are dropped. */
  words(key: string): readonly string[] {
    const split = (value: Json) => (typeof value === 'string' ? value.split(',') : toTexts(value))
    const words = this.#read(key, 'must be a list of strings or a string with commas', split) ?? []
    return words.map((word) => word.trim()).filter((word) => word !== '')
  }

  /** PEM text that holds a certificate, or several. */
  certificate(key: string): string | undefined {
    return this.#read(key, 'must be a certificate in PEM form', toCertificate)
  }

  /** Adds a violation of a rule that concerns more than the form of one value. */
  refuse(key: string, message: string): void {
    this.#violations.add(key, message)
  }

  /** Throws kind `invalid` with all violations, a line each. */
  finish(): void {
    this.#violations.throwIfAny()
  }

  #get(key: string): Json | undefined {
    return Object.hasOwn(this.#raw, key) ? (this.#raw[key] ?? undefined) : undefined
  }

  #read<Value>(key: string, rule: string, convert: (value: Json) => Value | undefined): Value | undefined {
    const value = this.#get(key)
    if (value === undefined) return undefined
    const converted = convert(value)
    if (converted === undefined) this.#violations.add(key, `${key} ${rule}`)
    return converted
  }
}

function toFlag(value: Json): boolean | undefined {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === true || text === 'true') return true
  return text === false || text === 'false' ? false : undefined
}

function toNumber(value: Json, fits: (number: number) => boolean): number | undefined {
  const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
  return typeof number === 'number' && fits(number) ? number : undefined
}

function toTexts(value: Json): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const texts = value.filter((item): item is string => typeof item === 'string')
  return texts.length === value.length ? texts : undefined
}

function toTextMap(value: Json): ReadonlyMap<string, string> | undefined {
  if (!isJsonObject(value)) return undefined
  const entries = Object.entries(value).flatMap(([key, text]) =>
    typeof text === 'string' ? [[key, text] as const] : [],
  )
  if (entries.length < Object.keys(value).length) return undefined
  return new Map(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function toCertificate(value: Json): string | undefined {
  if (typeof value !== 'string') return undefined
  try {
    new X509Certificate(value)
    for (const block of value.split(/(?=-----BEGIN CERTIFICATE-----)/).slice(1)) new X509Certificate(block)
    return value
  } catch {
    return undefined
  }
}

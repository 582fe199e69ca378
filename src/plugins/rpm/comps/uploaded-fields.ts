import { ConfigReader } from '../../../core/config-reader.ts'
import { withoutNulls } from '../../../core/config-shape.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'
import { escapeText, unescapeXml } from '../../../formats/xml-text.ts'

/** Reads the fields of an uploaded unit; nulls are absent. What does not fit is gathered, and so is what nobody has asked for. */
export class UploadedFields {
  readonly #raw: JsonObject
  readonly #reader: ConfigReader
  readonly #known = new Set<string>()

  constructor(raw: JsonObject) {
    this.#raw = withoutNulls(raw)
    this.#reader = new ConfigReader(this.#raw)
  }

  /** Text that XML can hold; empty when absent. */
  text(name: string): string {
    this.#known.add(name)
    const text = this.#reader.text(name) ?? ''
    if (!isSound(text)) this.refuse(name, `${name} must be sound text`)
    return text
  }

  flag(name: string): boolean {
    this.#known.add(name)
    return this.#reader.flag(name, false)
  }

  /** From 0 on. */
  integer(name: string): number | undefined {
    this.#known.add(name)
    return this.#reader.integer(name, 0)
  }

  /** A list of names of packages or groups. */
  names(name: string): readonly string[] {
    return this.#list(name, 'a list of names', (item) => (isName(item) ? item : undefined))
  }

  /** A list of pairs of names. */
  pairs(name: string): readonly (readonly [string, string])[] {
    return this.#list(name, 'a list of pairs of names', (item) => {
      const [one, two, ...more] = Array.isArray(item) ? (item as readonly Json[]) : []
      return isName(one) && isName(two) && more.length === 0 ? ([one, two] as const) : undefined
    })
  }

  /** A list of `{ group, default }`. */
  options(name: string): readonly { readonly group: string; readonly isDefault: boolean }[] {
    return this.#list(name, 'a list of objects with group and default', (item) => {
      if (!isJsonObject(item)) return undefined
      const { group, default: isDefault = false } = item
      return isName(group) && typeof isDefault === 'boolean' ? { group, isDefault } : undefined
    })
  }

  /** An object, language → text. */
  translations(name: string): readonly (readonly [string, string])[] {
    this.#known.add(name)
    const value = this.#raw[name] ?? {}
    const entries = isJsonObject(value) ? Object.entries(value) : []
    const sound = entries.filter((entry): entry is [string, string] => isName(entry[0]) && isText(entry[1]))
    if (!isJsonObject(value) || sound.length < entries.length)
      this.refuse(name, `${name} must be an object of texts by language`)
    return sound
  }

  refuse(name: string, message: string): void {
    this.#reader.refuse(name, message)
  }

  /** Throws kind `invalid` with all violations, a line each. */
  finish(type: string): void {
    for (const name of Object.keys(this.#raw))
      if (!this.#known.has(name)) this.refuse(name, `${name} is no field of a ${type}`)
    this.#reader.finish()
  }

  #list<Item>(name: string, rule: string, convert: (item: Json | undefined) => Item | undefined): readonly Item[] {
    this.#known.add(name)
    const value = this.#raw[name] ?? []
    const list: readonly Json[] = Array.isArray(value) ? value : []
    const items = list.map(convert).filter((item) => item !== undefined)
    if (!Array.isArray(value) || items.length < list.length) this.refuse(name, `${name} must be ${rule}`)
    return items
  }
}

/** XML gives it back as it is. */
function isSound(text: string): boolean {
  return unescapeXml(escapeText(text)) === text
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && isSound(value)
}

function isName(value: Json | undefined): value is string {
  return isText(value) && value !== '' && value.trim() === value
}

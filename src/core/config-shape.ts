import { invalid } from './errors.ts'
import type { JsonObject } from './json.ts'

/**
 * How a plugin reads its configuration. The raw object is kept and shown exactly as it was sent, but for `kept`; `parse` makes the
 * typed form with defaults and throws kind `invalid` with **all** violations in one message, a line each.
 */
export interface ConfigShape<Config> {
  parse(raw: JsonObject): Config
  /**
   * Throws kind `invalid` for what may not be stored although `parse` takes it from the override of a call: a config as a client
   * sent it, with its nulls, or as an update leaves it.
   */
  storable?(raw: JsonObject): void
  /** The config as it is kept, where that is not as it was sent; without nulls and known to be right. */
  kept?(raw: JsonObject): JsonObject
  /** Keys that are printed as `*****` and never logged. */
  readonly secrets: readonly string[]
}

/** A config as it is stored: a null means unset and is dropped (pulp2-api §6.1). */
export function withoutNulls(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
}

/** Gathers violations so that a user sees all of them at once (pulp2-types §2). */
export class Violations {
  readonly #lines: string[] = []
  readonly #fields: string[] = []

  add(field: string, message: string): void {
    this.#lines.push(message)
    this.#fields.push(field)
  }

  throwIfAny(): void {
    if (this.#lines.length > 0) throw invalid(this.#lines.join('\n'), this.#fields)
  }
}

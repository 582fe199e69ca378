import { DeckleError } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { Actor } from '../../core/managed.ts'
import type { NewResource, Resource, ResourceStore } from '../../core/resource.ts'
import type { LifeCycle } from './life-cycle.ts'
import type { Sealer } from './sealer.ts'

/** What the rules of the types stand on. */
export interface RuleServices {
  readonly resources: ResourceStore
  readonly life: LifeCycle
  readonly sealer: Sealer
  readonly now: () => Date
}

export interface Made {
  readonly resource: Resource
  readonly once?: JsonObject
}

/** How a type is made and changed. */
export interface TypeRules {
  /** Absent: nobody makes one by asking for it. */
  readonly create?: (services: RuleServices, fields: JsonObject, by: Actor) => Promise<Made>
  /** The members of `data` that the fields change; `name` and `description` are everybody's. */
  readonly change?: (services: RuleServices, resource: Resource, fields: JsonObject) => Promise<JsonObject>
  /** Its data changes in the transition of `update`, not in passing (rancher-api §1.12). */
  readonly changesInTransition?: boolean
}

/** A row that begins its life, with what all have. */
export function newRow(
  { name, description }: JsonObject,
  row: Omit<NewResource, 'name' | 'description' | 'state'>,
): NewResource {
  return { ...row, name: textOrNull(name), description: textOrNull(description), state: 'registering' }
}

/** The project that he acts in. Throws kind `forbidden` where that is not said. */
export function projectOf(by: Actor): number {
  if (by.project !== null) return by.project
  throw new DeckleError('forbidden', 'This belongs to a project: use the URLs below /v1/projects/<id>/')
}

/** A field that cannot be accepted; the code is one of rancher-api §1.12. */
export function refused(code: string, field: string, message: string): DeckleError {
  return new DeckleError('invalid', message, { code, fields: [field] })
}

export function requiredText(fields: JsonObject, field: string): string {
  const value = fields[field]
  if (typeof value === 'string' && value !== '') return value
  throw refused('MissingRequired', field, `${field} is missing`)
}

/** For what is unique: PostgreSQL has no index over longer ones. */
export function identityText(fields: JsonObject, field: string): string {
  const value = requiredText(fields, field)
  if (value.length <= 255) return value
  throw refused('MaxLengthExceeded', field, `${field} is longer than 255 characters`)
}

export function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** The given fields that are not null: in a row, a member that is absent is null. */
export function given(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (fields[name] == null ? [] : [[name, fields[name]]])))
}

/** The fields that a change names, null where it takes one away. */
export function named(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])))
}

/** PostgreSQL keeps neither NUL nor half surrogate pairs. */
export function requireStorable(fields: JsonObject): void {
  const wrong = Object.keys(fields).find((field) => !isStorable(fields[field] ?? null))
  if (wrong !== undefined) throw refused('InvalidCharacters', wrong, `${wrong} holds a NUL or half a character`)
}

function isStorable(value: Json): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member))
}

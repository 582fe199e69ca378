import { DeckleError, invalid } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { type Field, orNull } from './body-fields.ts'

/** A member of a request body: its field, and what is said when it is absent or wrong. */
export interface Member<Value, Needed extends boolean> {
  readonly field: Field<Value>
  readonly needed: Needed
  readonly options: MemberOptions
}

export interface MemberOptions {
  /** One sentence for the API reference. */
  readonly doc?: string
  /** What errors call it, when that is not what the client does (pulp2-api §2.4: `repo_id`). */
  readonly name?: string
  /** What an absent one is called: `missing` unless the API says otherwise. */
  readonly absence?: 'missing' | 'invalid'
  /** Null is a wrong value here, not an absent one. */
  readonly notNull?: true
  /** The type that an error of its own names when the value has another one (PLP1010). */
  readonly typeName?: string
  /** An addition of ours that the API's old servers do not have. */
  readonly extension?: true
}

/** Must be there, and not null unless the field takes null. */
export function required<Value>(field: Field<Value>, options: MemberOptions = {}): Member<Value, true> {
  return { field, needed: true, options }
}

/** May be absent; null is absent too, unless the field takes null. */
export function optional<Value>(field: Field<Value>, options: MemberOptions = {}): Member<Value, false> {
  return { field, needed: false, options }
}

type Members = Readonly<Record<string, Member<unknown, boolean>>>
type ValueOf<One> = One extends Member<infer Value, boolean> ? Value : never
type NeededOf<All extends Members> = { [Name in keyof All]: All[Name]['needed'] extends true ? Name : never }[keyof All]

/** What a body of these members is read as: absent ones are left out. */
export type BodyOf<All extends Members> = {
  readonly [Name in NeededOf<All>]: ValueOf<All[Name]>
} & { readonly [Name in Exclude<keyof All, NeededOf<All>>]?: ValueOf<All[Name]> }

/** A request body as data: the API reference prints `schema`, `read` accepts exactly what it describes. */
export interface BodyShape<Body> {
  /** JSON Schema 2020-12. */
  readonly schema: JsonObject
  /** Throws kind `invalid` that names all members at fault: those not known, else those missing, else those with a wrong value. */
  read(body: JsonObject): Body
}

/** `unknown` says what other members do: nothing, or a 400 that calls them unsupported (PLP0017) or invalid (PLP0015). */
export function bodyShape<All extends Members>(
  members: All,
  unknown: 'ignored' | 'unsupported' | 'invalid' = 'ignored',
): BodyShape<BodyOf<All>> {
  return {
    schema: schemaOf(members, unknown !== 'ignored'),
    read: (body) => {
      if (unknown !== 'ignored') refuseUnknown(members, body, unknown)
      return readMembers(members, body) as BodyOf<All>
    },
  }
}

/** An object of these members as a value; what is wrong inside is named as it is there. */
export function nested<Body>(shape: BodyShape<Body>): Field<Body> {
  return { schema: shape.schema, read: (value) => (isJsonObject(value) ? shape.read(value) : undefined) }
}

function schemaOf(members: Members, closed: boolean): JsonObject {
  const entries = Object.entries(members)
  const properties = entries.map(([name, member]) => [name, propertyOf(member)])
  const needed = entries.filter(([, member]) => member.needed).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(needed.length > 0 && { required: needed }),
    ...(closed && { additionalProperties: false }),
  }
}

function propertyOf({ field, needed, options }: Member<unknown, boolean>): JsonObject {
  return {
    ...(needed || options.notNull ? field.schema : orNull(field.schema)),
    ...(options.doc !== undefined && { description: options.doc }),
    ...(options.extension && { 'x-deckle-extension': true }),
  }
}

function refuseUnknown(members: Members, body: JsonObject, fault: 'unsupported' | 'invalid'): void {
  const names = Object.keys(body).filter((name) => !Object.hasOwn(members, name))
  if (names.length === 0) return
  throw invalid(`${fault === 'invalid' ? 'Invalid' : 'Unsupported'} properties: ${names.join(', ')}`, names, fault)
}

function readMembers(members: Members, body: JsonObject): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  const wrong: string[] = []
  const missing: string[] = []
  for (const [name, { field, needed, options }] of Object.entries(members)) {
    const given = Object.hasOwn(body, name) ? body[name] : undefined
    const said = options.name ?? name
    if (given === undefined || (given === null && !options.notNull && field.read(null) === undefined)) {
      if (needed) (options.absence === 'invalid' ? wrong : missing).push(said)
      continue
    }
    const value = field.read(given)
    if (value !== undefined) read[name] = value
    else if (options.typeName !== undefined) throw wrongType(said, options.typeName, given)
    else wrong.push(said)
  }
  if (missing.length > 0) throw invalid(`Missing values for: ${missing.join(', ')}`, missing, 'missing')
  if (wrong.length > 0) throw invalid(`Invalid properties: ${wrong.join(', ')}`, wrong)
  return read
}

function wrongType(field: string, typeName: string, value: Json): DeckleError {
  const data = { value: JSON.stringify(value), field, field_type: typeName }
  return new DeckleError('invalid', `${field} must be of type ${typeName}`, { code: 'wrong-type', data })
}

import type { Json } from '../../../core/json.ts'
import { offeredActions } from '../../../core/life-cycle.ts'
import type { Resource } from '../../../core/resource.ts'
import type { RancherResource } from '../../../wire/rancher/resource.ts'
import { isVisible } from '../schema/field.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import type { View } from '../schema/view.ts'
import { typeOfRow } from '../types/index.ts'
import { formatId } from './ids.ts'
import { actionsOf, inOrder, linksOf } from './print-schema.ts'

/** A row in the order of rancher-api §1.9. `once` is what only its maker is told. */
export function printResource(row: Resource, view: View, once: Readonly<Record<string, Json>> = {}): RancherResource {
  const schema = typeOfRow(row.type)
  const id = formatId(schema.id, row.key, view)
  const self = view.urls.of(schema.plural, id)
  const { name, state, ...fields } = fieldsOf(schema, row, view, once)
  return {
    id,
    type: schema.id,
    links: { self, ...printLinks(schema, row, view, self) },
    actions: Object.fromEntries(offered(schema, row, view).map((action) => [action, `${self}/?action=${action}`])),
    baseType: schema.base,
    name: name ?? null,
    state: state ?? null,
    ...withTwins(schema, fields),
  }
}

/** Actions that the row's state offers to this role. */
export function offered(schema: TypeSchema, row: Resource, view: Pick<View, 'role'>) {
  const tried = actionsOf(schema, view.role)
  return offeredActions(row.state, schema.actions?.without).filter((action) => tried.includes(action))
}

function printLinks(schema: TypeSchema, row: Resource, { role }: View, self: string): Readonly<Record<string, string>> {
  const links = Object.entries(linksOf(schema, role)).filter(([, link]) => {
    if ('many' in link) return true
    return link.one === 'owner' ? row.owner !== null : typeof row.data[link.one.member] === 'number'
  })
  return Object.fromEntries(links.map(([name]) => [name, `${self}/${name.toLowerCase()}`]))
}

/** By name; every field that the role sees is there, null when it is not set. */
function fieldsOf(schema: TypeSchema, row: Resource, view: View, once: Readonly<Record<string, Json>>) {
  const values: Record<string, Json> = {}
  for (const [name, field] of inOrder(schema.fields)) {
    if (name === 'id' || !isVisible(field, view.role)) continue
    const told = once[name]
    const value = told ?? (field.show === undefined ? shown(row.data[name], field.type, view) : field.show(row, view))
    if (value !== undefined) values[name] = value
  }
  return values
}

/** References are kept as keys. */
function shown(value: Json | undefined, type: string, view: View): Json {
  if (value === undefined || value === null) return null
  const target = /reference\[(.+?)\]/.exec(type)?.[1]
  if (target === undefined) return value
  if (Array.isArray(value))
    return value.map((key: Json) => (typeof key === 'number' ? formatId(target, key, view) : null))
  return typeof value === 'number' ? formatId(target, value, view) : null
}

/** Each date is followed by itself in milliseconds (rancher-api §1.8). */
function withTwins(schema: TypeSchema, fields: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const entries = Object.entries(fields).flatMap(([name, value]) => {
    const isDate = schema.fields[name]?.type === 'date' && typeof value === 'string'
    return isDate ? [[name, value] as const, [`${name}TS`, Date.parse(value)] as const] : [[name, value] as const]
  })
  return Object.fromEntries(entries)
}

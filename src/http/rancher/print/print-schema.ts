import { lifeActions } from '../../../core/life-cycle.ts'
import type { RancherField, RancherSchema } from '../../../wire/rancher/schema.ts'
import type { Urls } from '../request/urls.ts'
import { type Field, isCreatable, isVisible } from '../schema/field.ts'
import { modifiersOf } from '../schema/modifiers.ts'
import type { Role } from '../schema/role.ts'
import { mayDo, type TypeSchema } from '../schema/type-schema.ts'
import { findType } from '../types/index.ts'

/** A type as a role sees it (rancher-api §1.11). */
export function printSchema(schema: TypeSchema, role: Role, urls: Urls): RancherSchema {
  const listed = mayDo(schema, role, 'list')
  const self = urls.of('schemas', schema.id)
  return {
    id: schema.id,
    type: 'schema',
    links: listed ? { self, collection: urls.of(schema.plural) } : { self },
    actions: {},
    pluralName: schema.plural,
    resourceFields: printFields(schema, role),
    collectionFilters: Object.fromEntries(
      inOrder(schema.filters).map(([name, filter]) => [name, { modifiers: modifiersOf(filter) }]),
    ),
    includeableLinks: Object.keys(linksOf(schema, role)).map((name) => name.toLowerCase()),
    resourceActions: printActions(schema, role),
    collectionActions: {},
    collectionFields: {},
    collectionMethods: [...(listed ? ['GET'] : []), ...(mayDo(schema, role, 'create') ? ['POST'] : [])],
    resourceMethods: [
      ...(mayDo(schema, role, 'get') ? ['GET'] : []),
      ...(mayDo(schema, role, 'update') ? ['PUT'] : []),
      ...(mayDo(schema, role, 'delete') ? ['DELETE'] : []),
    ],
  }
}

/** Those that lead to a type that the role sees. */
export function linksOf(schema: TypeSchema, role: Role): TypeSchema['links'] {
  const seen = inOrder(schema.links).filter(([, link]) => findType(link.to, role) !== undefined)
  return Object.fromEntries(seen)
}

/** Those that the role may try. */
export function actionsOf(schema: TypeSchema, role: Role) {
  if (schema.actions === undefined || !mayDo(schema, role, 'act')) return []
  const { without = [] } = schema.actions
  const all = Object.keys(lifeActions) as (keyof typeof lifeActions)[]
  return all.filter((action) => !without.includes(action))
}

export function inOrder<Value>(record: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1))
}

function printActions(schema: TypeSchema, role: Role) {
  const output = schema.actions?.output ?? schema.id
  return Object.fromEntries(actionsOf(schema, role).map((action) => [action, { input: null, output }]))
}

function printFields(schema: TypeSchema, role: Role): Readonly<Record<string, RancherField>> {
  const seen = inOrder(schema.fields).filter(([, field]) => isVisible(field, role))
  return Object.fromEntries(seen.map(([name, field]) => [name, printField(field, role)]))
}

const limits = ['options', 'default', 'min', 'max', 'minLength', 'maxLength', 'validChars', 'invalidChars'] as const

function printField(field: Field, role: Role): RancherField {
  const set = limits.flatMap((name) => (field[name] === undefined ? [] : [[name, field[name]] as const]))
  return {
    type: field.type,
    description: null,
    create: isCreatable(field, role),
    update: field.update === true,
    ...(field.required && { required: true }),
    ...(field.nullable && { nullable: true }),
    readOnCreateOnly: field.readOnCreateOnly === true,
    ...Object.fromEntries(set),
  }
}

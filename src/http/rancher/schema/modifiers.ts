import type { Filterable } from './type-schema.ts'

const text = ['eq', 'ne', 'prefix', 'like', 'notlike', 'null', 'notnull'] as const
const ordered = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'null', 'notnull'] as const
const plain = ['eq', 'ne', 'null', 'notnull'] as const

export type Modifier = (typeof text | typeof ordered)[number]

/** What a filter may ask of a field (rancher-api §1.10). */
export function modifiersOf(field: Filterable): readonly Modifier[] {
  if ('member' in field) return plain
  if (field.type === 'string') return text
  return field.type === 'int' || field.type === 'date' || field.type === 'id' ? ordered : plain
}

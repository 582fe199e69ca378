import { everything } from '../../core/criteria.ts'
import type { JsonObject } from '../../core/json.ts'
import type { AssociationCriteria } from '../../core/unit-reader.ts'
import { anything, type Field, listOf, object, text } from '../kit/body-fields.ts'
import { bodyShape, nested, optional } from '../kit/body-shape.ts'
import { readSort } from './criteria.ts'
import { numberOrText, sortKey } from './criteria-shape.ts'
import { fromPulpFilters } from './filters.ts'

/** A text counts as a list of one. */
const textOrList: Field<readonly string[]> = {
  schema: { anyOf: [text.schema, listOf(text).schema] },
  read: (value) => (typeof value === 'string' ? [value] : listOf(text).read(value)),
}

/** What is said of units and of their associations, each for itself. */
function ofBoth<Value>(field: Field<Value>) {
  return nested(bodyShape({ unit: optional(field), association: optional(field) }, 'invalid'))
}

/** Which units of a repository are meant, by a search or an action (pulp2-api §4.2); `{}` means all. */
export const associationCriteriaShape = bodyShape(
  {
    type_ids: optional(textOrList, { doc: 'Content types; all of the repository when absent.' }),
    filters: optional(ofBoth(object), { doc: 'MongoDB query documents.' }),
    sort: optional(ofBoth(listOf(sortKey(text))), {
      doc: 'Pairs of a field and a direction; associations come first.',
    }),
    fields: optional(ofBoth(listOf(text)), { doc: 'Members to print, beside those that are always there.' }),
    limit: optional(numberOrText(1), { doc: 'How many at most.' }),
    skip: optional(numberOrText(0), { doc: 'How many of the first to leave out.' }),
    remove_duplicates: optional(anything, { doc: 'Changes nothing: a repository has a unit once.' }),
  },
  'invalid',
)

export interface PulpAssociationSearch {
  readonly criteria: AssociationCriteria
  /** Members to print of units and of associations; all when absent. */
  readonly unitFields?: readonly string[]
  readonly associationFields?: readonly string[]
}

/** Throws kind `invalid` for criteria that cannot be meant. */
export function fromPulpAssociationCriteria(document: JsonObject): PulpAssociationSearch {
  return toSearch(associationCriteriaShape.read(document))
}

/** The same from what the shape has read already. */
export function toSearch(written: Written): PulpAssociationSearch {
  const { type_ids: types, filters = {}, sort = {}, fields = {}, limit, skip = 0 } = written
  return {
    criteria: {
      ...(types !== undefined && { types }),
      unit: toFilter(filters.unit),
      association: toFilter(filters.association),
      unitSort: readSort(sort.unit ?? []),
      associationSort: readSort(sort.association ?? []),
      ...(limit !== undefined && { limit }),
      skip,
    },
    ...(fields.unit !== undefined && { unitFields: fields.unit }),
    ...(fields.association !== undefined && { associationFields: fields.association }),
  }
}

type Written = ReturnType<typeof associationCriteriaShape.read>

function toFilter(filters: JsonObject | undefined) {
  return filters === undefined ? everything : fromPulpFilters(filters)
}

import { DeckleError } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { AssociationCriteria } from '../../core/unit-reader.ts'
import type { Field } from '../kit/body-fields.ts'
import { associationCriteriaShape, fromPulpAssociationCriteria } from './association-criteria.ts'

/** Which units an action is about. What its filters say is looked at by `readActionCriteria`. */
export const someCriteria: Field<JsonObject> = {
  schema: associationCriteriaShape.schema,
  read: (value) => {
    if (!isJsonObject(value)) return undefined
    namingCriteria(() => associationCriteriaShape.read(value))
    return value
  },
}

/** Throws kind `invalid` that names `criteria` (pulp2-api §7). */
export function readActionCriteria(document: JsonObject): AssociationCriteria {
  return namingCriteria(() => fromPulpAssociationCriteria(document).criteria)
}

function namingCriteria<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'invalid') throw error
    throw new DeckleError('invalid', error.message, { fields: ['criteria'], code: 'bad-criteria' })
  }
}

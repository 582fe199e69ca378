import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { AssociationCriteria } from '../../core/unit-reader.ts'
import { type Field, object } from '../kit/body-fields.ts'
import { associationCriteriaShape, fromPulpAssociationCriteria } from './association-criteria.ts'

/** Which units an action is about. */
export const someCriteria: Field<JsonObject> = { schema: associationCriteriaShape.schema, read: object.read }

/** Throws kind `invalid` that names `criteria`, and what is wrong inside as its cause (pulp2-api §7). */
export function readActionCriteria(document: JsonObject): AssociationCriteria {
  try {
    return fromPulpAssociationCriteria(document).criteria
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'invalid') throw error
    throw new DeckleError('invalid', error.message, { fields: ['criteria'], code: 'bad-criteria' })
  }
}

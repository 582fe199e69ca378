import { DeckleError } from '../../core/errors.ts'

/** What MongoDB would have refused (pulp2-api §2.4). */
export function badCriteria(reason: string): DeckleError {
  return new DeckleError('invalid', `The criteria cannot be used: ${reason}`, {
    code: 'bad-criteria',
    fields: ['criteria'],
  })
}

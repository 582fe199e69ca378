import { DeckleError } from '../../core/errors.ts'

/** The feed's metadata could not be fetched (pulp2-types §5.7). */
export function metadataNotFetched(reason: string, cause: unknown): DeckleError {
  const message = `the repository metadata could not be fetched: ${reason}`
  return new DeckleError('upstream', message, { code: 'RPM1004', data: { reason } }, { cause })
}

/** What upstream does wrong gets the code that clients know; a cancel or a refused address stays what it is. */
export function rethrowNotFetched(error: unknown, name: string): never {
  if (!(error instanceof DeckleError) || error.kind !== 'upstream') throw error
  throw metadataNotFetched(`${name}: ${error.message}`, error)
}

/** There is nowhere to sync from. */
export function noFeed(): DeckleError {
  return new DeckleError('invalid', 'the importer has no feed to sync from; set feed in its config', {
    code: 'RPM1005',
    fields: ['feed'],
  })
}

/** Metadata that is not what its format demands. */
export function metadataNotParsed(reason: string, cause?: unknown): DeckleError {
  const message = `the repository metadata could not be parsed: ${reason}`
  return new DeckleError('upstream', message, { code: 'RPM1006', data: { reason } }, { cause })
}

/** Metadata that can be read and contradicts itself. */
export function malformedRepository(reason: string): DeckleError {
  return new DeckleError('upstream', `the repository is malformed: ${reason}`, { code: 'RPM1015', data: { reason } })
}

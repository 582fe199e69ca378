import { DeckleError } from '../../core/errors.ts'
import type { SyncRun } from '../../core/importer.ts'
import type { DocumentRequest, FetchedDocument } from '../../core/upstream.ts'

/** What servers answer for a file that they do not have, or show to nobody. */
const absent: readonly unknown[] = [403, 404, 410]

/** A file that upstream need not have; undefined when it has none. */
export async function fetchIfThere(
  fetch: SyncRun<unknown>['fetch'],
  request: DocumentRequest,
): Promise<FetchedDocument | undefined> {
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DeckleError && saysAbsent(error)) return undefined
    throw error
  }
}

/** Whether a server has answered that it does not have a file. */
export function saysAbsent({ details }: DeckleError): boolean {
  return absent.includes(details.data?.['status'])
}

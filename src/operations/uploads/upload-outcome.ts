import { DeckleError, isUpstreamFault } from '../../core/errors.ts'
import type { Importer } from '../../core/importer.ts'
import type { Problem } from '../../core/sync-progress.ts'
import type { UploadDescription } from '../../core/upload.ts'

/** What the task says of an upload (pulp2-types §5.5, §7). */
export function describeUpload(importer: Importer, outcome: { readonly error?: string }): UploadDescription {
  if (importer.describeUpload !== undefined) return importer.describeUpload(outcome)
  if (outcome.error === undefined) return { success_flag: true, summary: '', details: {} }
  return { success_flag: false, summary: '', details: { errors: [outcome.error] } }
}

/** A bad upload in the plugin's own code or as PLP0047 (pulp2-api §2.3); any other error as it is. */
export function toUploadFailure(
  error: unknown,
  importer: Importer,
  target: { readonly repositoryId: string; readonly type: string },
): unknown {
  if (!isUpstreamFault(error) || isPublished(error.details.code)) return error
  const { repositoryId, type } = target
  const { summary, details } = describeUpload(importer, { error: error.message })
  const data = { importer_id: importer.id, unit_type: type, repo_id: repositoryId, summary, details }
  const message = `${importer.id} could not make a unit of type ${type} of the upload to ${repositoryId}: ${error.message}`
  return new DeckleError('invalid', message, { code: 'PLP0047', data }, { cause: error })
}

/** What kept a file of a unit from being stored. */
export function problemFailure({ name, reason, code, data }: Problem): DeckleError {
  return new DeckleError('invalid', `${name}: ${reason}`, { code, ...(data !== undefined && { data }) })
}

/** Of Pulp or a plugin, such as `RPM1002`; codes of our own begin in lower case. */
function isPublished(code: string | undefined): boolean {
  return code !== undefined && /^[A-Z]/.test(code)
}

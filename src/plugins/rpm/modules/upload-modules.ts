import { isDeepStrictEqual } from 'node:util'
import { withoutNulls } from '../../../core/config-shape.ts'
import { DeckleError, invalid } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import type { UploadedUnits, UploadRun } from '../../../core/upload.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { yamlDocuments } from '../../../formats/yaml-documents.ts'
import { toModuleUnit } from './module-unit.ts'

type Run = Pick<UploadRun<unknown>, 'repository' | 'type' | 'key' | 'metadata' | 'file' | 'signal'>

/** More are no file that anybody uploads by hand; a sync takes any number. */
const maxDocuments = 1000

/**
 * Makes the units of an uploaded modules.yaml: all its documents, whichever of the types was named, as long as one is of it. What the
 * client says of them has to agree. Throws kind `invalid`.
 */
export async function uploadModules(run: Run): Promise<UploadedUnits> {
  if (run.file.size === 0) throw invalid(`a ${run.type} needs a file; upload the YAML that holds it`, ['upload_id'])
  const units = await readUnits(run)
  const named = units.filter(({ type }) => type === run.type)
  const [first] = named
  if (first === undefined) throw invalid(`the file holds no ${run.type}`, ['unit_type_id'])
  const claims = Object.entries({ ...withoutNulls(run.metadata), ...withoutNulls(run.key) })
  if (claims.length > 0 && named.length > 1)
    throw invalid(
      `the file holds ${named.length} units of the type ${run.type}; leave out unit_key and unit_metadata`,
      ['unit_key'],
    )
  for (const [name, value] of claims) requireAgreement(run, first, name, value)
  return { units }
}

async function readUnits({ file, signal }: Run): Promise<readonly DiscoveredUnit[]> {
  const units: DiscoveredUnit[] = []
  try {
    for await (const document of yamlDocuments(file.read())) {
      signal.throwIfAborted()
      const unit = toModuleUnit(document)
      if (unit !== undefined) units.push(unit)
      if (units.length > maxDocuments)
        throw invalid(`the file holds more than ${maxDocuments} documents; upload it in parts`)
    }
  } catch (error) {
    throw error instanceof FormatError ? notModules(error) : error
  }
  return units
}

/** Versions are sent as numbers too. */
function requireAgreement({ repository }: Run, unit: DiscoveredUnit, name: string, value: JsonObject[string]): void {
  const read: JsonObject = { ...unit.metadata, repo_id: repository.id }
  const said = name === 'version' && typeof value === 'number' ? String(value) : value
  if (Object.hasOwn(read, name) && isDeepStrictEqual(read[name], said)) return
  throw invalid(`${name} is read from the file and cannot be given otherwise`, [name])
}

function notModules(cause: FormatError): DeckleError {
  return new DeckleError('invalid', `the file is no modules.yaml: ${cause.message}`, {}, { cause })
}

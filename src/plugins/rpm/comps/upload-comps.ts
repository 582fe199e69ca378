import { DeckleError, invalid } from '../../../core/errors.ts'
import { ownerField } from '../../../core/owned-unit.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import type { UploadedUnits, UploadRun } from '../../../core/upload.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { compsUnits, listComps } from './comps-document.ts'
import { toCompsUnit } from './comps-unit.ts'
import { lastPosition } from './positions.ts'
import { readCompsFields } from './read-comps-fields.ts'

type Run = Pick<UploadRun<unknown>, 'repository' | 'type' | 'key' | 'metadata' | 'file' | 'known'>

/** Bytes of a comps.xml that is uploaded; those of whole distributions have 4 MB. */
const maxFileBytes = 64 * 1024 ** 2

/**
 * Makes the unit of a group, category or environment, which is what key and metadata say of it; or with a file all that this comps.xml
 * holds, whatever they say (pulp2-types §5.5). Throws kind `invalid`.
 */
export async function uploadComps(run: Run): Promise<UploadedUnits> {
  return { units: run.file.size > 0 ? await unitsOfFile(run.file) : [await unitOfFields(run)] }
}

async function unitsOfFile(file: Run['file']): Promise<readonly DiscoveredUnit[]> {
  if (file.size > maxFileBytes) throw unreadable(`it is larger than ${maxFileBytes} bytes`)
  try {
    const listing = await listComps(file.read(), () => true)
    const [nameless] = listing.nameless
    if (nameless !== undefined) throw unreadable(`a ${nameless} of it has no usable id`)
    const units: DiscoveredUnit[] = []
    for await (const unit of compsUnits(file.read(), listing, () => new Map())) {
      if ('name' in unit) throw unreadable(`${unit.name || unit.type} is too large`)
      units.push(unit)
    }
    return units
  } catch (error) {
    throw error instanceof FormatError ? unreadable(error.message, error) : error
  }
}

function unreadable(reason: string, cause?: unknown): DeckleError {
  return new DeckleError('invalid', `what was uploaded cannot be used as a comps.xml: ${reason}`, {}, { cause })
}

/** One that replaces another stands where that did. */
async function unitOfFields(run: Run): Promise<DiscoveredUnit> {
  const element = readCompsFields(run)
  const id = String(run.key['id'])
  const held = await run.known(run.type, { id, [ownerField]: run.repository.id })
  const position = held?.metadata['position']
  const unit = toCompsUnit(element, typeof position === 'string' ? position : lastPosition)
  if (unit === undefined) throw invalid(`${id} has too many packages or groups`, ['unit_metadata'])
  return unit
}

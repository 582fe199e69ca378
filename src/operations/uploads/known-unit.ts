import { everything } from '../../core/criteria.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import { unitKeyHash, unitWireId } from '../../core/unit.ts'
import type { UnitReader } from '../../core/unit-reader.ts'
import type { KnownUnit } from '../../core/upload.ts'

/** The unit of this key in the latest version of a repository, with its documents; undefined when it holds none. */
export async function knownUnit(
  services: { readonly units: UnitReader; readonly plugins: Plugins },
  repositoryId: string,
  type: string,
  key: JsonObject,
): Promise<KnownUnit | undefined> {
  const documents = services.plugins.contentTypes.find(({ id }) => id === type)?.documents ?? []
  const isIt = { op: 'equals', value: unitWireId(unitKeyHash(type, key)) } as const
  const criteria = {
    types: [type],
    unit: everything,
    association: { kind: 'field', path: ['unit_id'], test: isIt },
    unitSort: [],
    associationSort: [],
    limit: 1,
    skip: 0,
  } as const
  for await (const { unit } of services.units.associations(repositoryId, criteria, { documents })) {
    return { metadata: unit.metadata, documents: unit.documents }
  }
  return undefined
}

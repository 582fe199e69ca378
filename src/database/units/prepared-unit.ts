import type { Json, JsonObject } from '../../core/json.ts'
import { isOwned, ownedFields } from '../../core/owned-unit.ts'
import { canonicalBytes, objectOf } from '../../core/printed-json.ts'
import { type FoundUnit, isPrinted, unitKeyHash, unitRevisionWith, unitWireId } from '../../core/unit.ts'
import type { ContentTypeIds } from './content-type-ids.ts'

/** A discovered unit with the hashes that the catalog knows it by. */
export interface PreparedUnit {
  readonly unit: FoundUnit
  readonly type: number
  /** Hexadecimal, as `revision` is. */
  readonly keyHash: string
  readonly revision: string
  /** The metadata to be stored as JSON, UTF-8; that of the unit, which has it printed, when undefined. */
  readonly metadata: Uint8Array | undefined
  readonly wireId: string
  /** What a repository holds once: hash of the fields of `ContentType.uniqueIn`, else the wire id. */
  readonly nameId: string
  /** (type, key, revision) as one text, for maps. */
  readonly name: string
}

/** The unit as it is in a repository. Who owns it shows in its key; copies of one thing have the same revision. */
export function prepareUnit(unit: FoundUnit, types: ContentTypeIds, repositoryId: string): PreparedUnit {
  const declared = types.declared(unit.type)
  const keyHash = unitKeyHash(unit.type, ownedFields(declared, repositoryId, unit.key))
  const [described, known] = isPrinted(unit) ? [undefined, unit.revision] : [canonicalBytes(unit.metadata)]
  const revision = known ?? unitRevisionWith(unit, described ?? canonicalBytes(unit.metadata))
  const metadata = isOwned(declared)
    ? canonicalBytes(ownedFields(declared, repositoryId, objectOf(unit.metadata)))
    : described
  const type = types.id(unit.type)
  const wireId = unitWireId(keyHash)
  return {
    unit,
    type,
    keyHash,
    revision,
    metadata,
    wireId,
    nameId: uniqueNameId(unit.type, uniqueFields(unit, types), types) ?? wireId,
    name: unitName(type, keyHash, revision),
  }
}

/** Where the fields of `ContentType.uniqueIn` are found with the least effort: those of the key are members of the metadata too. */
function uniqueFields({ type, key, metadata }: FoundUnit, types: ContentTypeIds): JsonObject {
  const isOfKey = types.uniqueIn(type)?.every((field) => Object.hasOwn(key, field)) ?? true
  return isOfKey ? key : objectOf(metadata)
}

/** Hash of the fields of `ContentType.uniqueIn`; undefined for a type of which the key alone counts. */
export function uniqueNameId(type: string, metadata: JsonObject, types: ContentTypeIds): string | undefined {
  const fields = types.uniqueIn(type)
  if (fields === undefined) return undefined
  const values: Record<string, Json> = {}
  for (const field of fields) values[field] = metadata[field] ?? null
  return unitWireId(unitKeyHash(type, values))
}

export function unitName(type: number, keyHash: string, revision: string): string {
  // Joined, a text is of one piece.
  return [type, keyHash, revision].join(':')
}

/** One order for every writer, so that two that insert the same units wait for each other instead of deadlocking. */
export function inWriteOrder(units: readonly PreparedUnit[]): readonly PreparedUnit[] {
  return units.toSorted((left, right) => (left.name < right.name ? -1 : Number(left.name > right.name)))
}

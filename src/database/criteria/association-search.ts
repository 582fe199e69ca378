import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Filter } from '../../core/criteria.ts'
import { notFound } from '../../core/errors.ts'
import type { AssociationCriteria } from '../../core/unit-reader.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { compileFilter } from './compile-filter.ts'
import { findRows } from './find-rows.ts'
import { orderBy } from './order-by.ts'
import type { RowIds } from './row-ids.ts'
import { runSearch, searchTimeMs } from './run-search.ts'
import { dateTextField, type FieldMap, textField } from './searchable.ts'
import { unitFields, uuidField } from './unit-fields.ts'
import { extent } from './unit-search.ts'

/** The version of a repository that was searched. */
export interface SearchedVersion {
  /** Row id of the repository. */
  readonly repository: number
  readonly number: number
}

export interface FoundAssociations {
  readonly version: SearchedVersion
  /** Of units. */
  readonly ids: RowIds
}

/** Units of the latest version of a repository. Throws kind `not-found` for the repository. */
export async function searchAssociations(
  database: Database,
  types: ContentTypeIds,
  repositoryId: string,
  criteria: AssociationCriteria,
): Promise<FoundAssociations> {
  const both: Filter = { kind: 'all', filters: [criteria.unit, criteria.association] }
  return runSearch(database, { filter: both, sort: [], skip: 0 }, async (transaction) => {
    const version = await latestOf(transaction, repositoryId)
    const present = types.names.filter(
      (type) => version.types.includes(type) && criteria.types?.includes(type) !== false,
    )
    const query = compile(types, repositoryId, version, { ...criteria, types: present })
    return { version, ids: await findRows(transaction, query, searchTimeMs) }
  })
}

async function latestOf(transaction: Transaction<Schema>, repositoryId: string) {
  const row = await transaction
    .selectFrom('repository')
    .leftJoin('repository_version as version', (join) =>
      join.onRef('version.repository', '=', 'repository.id').onRef('version.number', '=', 'repository.latest'),
    )
    .select(['repository.id as repository', 'repository.latest as number', 'version.counts'])
    .where('repository.name', '=', repositoryId)
    .executeTakeFirst()
  if (row === undefined) throw notFound({ repository: repositoryId })
  return { repository: row.repository, number: row.number, types: Object.keys(row.counts ?? {}) }
}

/** The unit is joined outwards, so that the database leaves it out where nothing is asked of it. */
function compile(
  types: ContentTypeIds,
  repositoryId: string,
  version: SearchedVersion,
  criteria: AssociationCriteria & { readonly types: readonly string[] },
): RawBuilder<unknown> {
  const units = unitFields(types, sharedKey(types, criteria.types), criteria.unit, criteria.unitSort)
  const associations = associationFields(repositoryId, types)
  const byUnit = orderBy({ sort: criteria.unitSort }, units, sql`membership.identity`)
  const byType = sql`${typePosition(types)}, ${byUnit}`
  return sql`
    SELECT membership.unit AS id FROM membership LEFT JOIN unit ON unit.id = membership.unit
    WHERE ${isMember(version)} AND membership.type = ANY (${criteria.types.map((type) => types.id(type))}::smallint[])
      AND ${compileFilter(criteria.unit, units)} AND ${compileFilter(criteria.association, associations)}
    ORDER BY ${orderBy({ sort: criteria.associationSort }, associations, byType)} ${extent(criteria)}`
}

/** In the order of names. */
function typePosition(types: ContentTypeIds): RawBuilder<unknown> {
  return sql`array_position(${types.names.map((name) => types.id(name))}::smallint[], membership.type)`
}

/** Over a row `membership`. */
export function isMember({ repository, number }: SearchedVersion): RawBuilder<boolean> {
  return sql`(membership.repository = ${repository} AND membership.added_in <= ${number}
    AND (membership.removed_in IS NULL OR membership.removed_in > ${number}))`
}

/** Fields that units of all these types have. */
function sharedKey(types: ContentTypeIds, names: readonly string[]): readonly string[] {
  const [first, ...others] = names.map((name) => types.declared(name)?.keyFields ?? [])
  return (first ?? []).filter((field) => others.every((fields) => fields.includes(field)))
}

function associationFields(repositoryId: string, types: ContentTypeIds): FieldMap {
  return {
    created: dateTextField(sql.ref('membership.created')),
    updated: dateTextField(sql.ref('membership.updated')),
    unit_id: uuidField(sql.ref('membership.identity')),
    unit_type_id: textField(sql`(${types.names}::text[])[${typePosition(types)}]`),
    repo_id: textField(sql`${repositoryId}::text`),
  }
}

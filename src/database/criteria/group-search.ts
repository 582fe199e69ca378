import { sql } from 'kysely'
import type { Criteria, SearchVocabulary } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type { RepositoryGroup } from '../../core/repository-group.ts'
import type { Database } from '../connection.ts'
import { repositoriesOfGroup, selectGroups, toGroup } from '../groups/group-rows.ts'
import { compileFilter } from './compile-filter.ts'
import { orderBy } from './order-by.ts'
import { runSearch } from './run-search.ts'
import { type FieldMap, jsonField, objectIdField, oneOf, textField } from './searchable.ts'

export async function searchRepositoryGroups(
  database: Database,
  vocabulary: SearchVocabulary,
  criteria: Criteria,
): Promise<readonly RepositoryGroup[]> {
  const fields = groupFields(vocabulary)
  return runSearch(database, criteria, async (transaction) => {
    let query = selectGroups(transaction)
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`repository_group.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map(toGroup)
  })
}

/** pulp2-api §10. */
function groupFields(vocabulary: SearchVocabulary): FieldMap {
  const name = sql.ref('repository_group.name')
  const created = sql.ref('repository_group.created')
  return {
    _id: objectIdField(created, sql.ref('repository_group.id'), vocabulary.kindTags.repositoryGroup),
    id: textField(name, (values: readonly Json[]) => oneOf(name, values, (text) => text, 'text')),
    display_name: textField(sql.ref('repository_group.display_name')),
    description: textField(sql.ref('repository_group.description')),
    notes: jsonField(sql.ref('repository_group.notes')),
    repo_ids: jsonField(sql`to_jsonb(${repositoriesOfGroup})`),
    scratchpad: jsonField(sql.ref('repository_group.scratchpad')),
  }
}

import { sql } from 'kysely'
import type { Criteria, SearchVocabulary } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type { Repository } from '../../core/repository.ts'
import type { Database } from '../connection.ts'
import { selectRepositories, toRepository } from '../repository-rows.ts'
import { compileFilter } from './compile-filter.ts'
import { orderBy } from './order-by.ts'
import { runSearch } from './run-search.ts'
import { dateField, type FieldMap, jsonField, objectIdField, oneOf, textField } from './searchable.ts'

export async function searchRepositories(
  database: Database,
  vocabulary: SearchVocabulary,
  criteria: Criteria,
): Promise<readonly Repository[]> {
  const fields = repositoryFields(vocabulary)
  return runSearch(database, criteria, async (transaction) => {
    let query = selectRepositories(transaction)
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`repository.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map(toRepository)
  })
}

/** pulp2-api §5.1; `repo_id` is what Pulp stores the id as. */
function repositoryFields(vocabulary: SearchVocabulary): FieldMap {
  const name = sql.ref('repository.name')
  const id = textField(name, (values: readonly Json[]) => oneOf(name, values, (text) => text, 'text'))
  return {
    _id: objectIdField(sql.ref('repository.created'), sql.ref('repository.id'), vocabulary.kindTags.repository),
    id,
    repo_id: id,
    display_name: textField(sql.ref('repository.display_name')),
    description: textField(sql.ref('repository.description')),
    notes: jsonField(sql.ref('repository.notes')),
    scratchpad: jsonField(sql.ref('repository.scratchpad')),
    content_unit_counts: jsonField(sql`coalesce(repository_version.counts, '{}')`),
    last_unit_added: dateField(sql.ref('repository.last_unit_added')),
    last_unit_removed: dateField(sql.ref('repository.last_unit_removed')),
  }
}

import { sql } from 'kysely'
import type { Criteria, SearchVocabulary } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import type { Database } from '../connection.ts'
import { toDistributor } from '../repository-rows.ts'
import { compileFilter } from './compile-filter.ts'
import { orderBy } from './order-by.ts'
import { runSearch } from './run-search.ts'
import { booleanField, dateField, type FieldMap, jsonField, objectIdField, oneOf, textField } from './searchable.ts'

/** Distributors of all repositories. */
export async function searchDistributors(
  database: Database,
  vocabulary: SearchVocabulary,
  criteria: Criteria,
): Promise<readonly RepositoryDistributor[]> {
  const fields = distributorFields(vocabulary)
  return runSearch(database, criteria, async (transaction) => {
    let query = transaction
      .selectFrom('distributor')
      .innerJoin('repository', 'repository.id', 'distributor.repository')
      .selectAll('distributor')
      .select('repository.name as repository_name')
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`distributor.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map((row) => toDistributor(row, row.repository_name))
  })
}

/** pulp2-api §6.1; `distributor_id` is what Pulp stores the id as. */
function distributorFields(vocabulary: SearchVocabulary): FieldMap {
  const repository = sql.ref('repository.name')
  const id = textField(sql.ref('distributor.name'))
  return {
    _id: objectIdField(sql.ref('distributor.created'), sql.ref('distributor.id'), vocabulary.kindTags.distributor),
    id,
    distributor_id: id,
    repo_id: textField(repository, (values: readonly Json[]) => oneOf(repository, values, (text) => text, 'text')),
    distributor_type_id: textField(sql.ref('distributor.type')),
    config: jsonField(sql`(distributor.config - ${[...vocabulary.secrets]}::text[])`),
    auto_publish: booleanField(sql.ref('distributor.auto_publish')),
    last_publish: dateField(sql.ref('distributor.last_publish')),
    last_updated: dateField(sql.ref('distributor.last_updated')),
    scratchpad: jsonField(sql.ref('distributor.scratchpad')),
  }
}

import { sql } from 'kysely'
import type { Criteria, SearchVocabulary } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type { User } from '../../core/user.ts'
import type { Database } from '../connection.ts'
import { rolesOfAccount, selectUsers, toUser } from '../users/user-rows.ts'
import { compileFilter } from './compile-filter.ts'
import { orderBy } from './order-by.ts'
import { runSearch } from './run-search.ts'
import { type FieldMap, jsonField, objectIdField, oneOf, textField } from './searchable.ts'

export async function searchUsers(
  database: Database,
  vocabulary: SearchVocabulary,
  criteria: Criteria,
): Promise<readonly User[]> {
  const fields = userFields(vocabulary)
  return runSearch(database, criteria, async (transaction) => {
    let query = selectUsers(transaction)
      .where(compileFilter(criteria.filter, fields))
      .orderBy(orderBy(criteria, fields, sql`account.id`))
      .offset(criteria.skip)
    if (criteria.limit !== undefined) query = query.limit(criteria.limit)
    return (await query.execute()).map(toUser)
  })
}

/** pulp2-api §4.1: `id` is `_id`. Nothing here may lead to the password. */
function userFields(vocabulary: SearchVocabulary): FieldMap {
  const login = sql.ref('account.login')
  const id = objectIdField(sql.ref('account.created'), sql.ref('account.id'), vocabulary.kindTags.user)
  return {
    _id: id,
    id,
    login: textField(login, (values: readonly Json[]) => oneOf(login, values, (text) => text, 'text')),
    name: textField(sql.ref('account.name')),
    roles: jsonField(sql`to_jsonb(${rolesOfAccount})`),
  }
}

import { sql, type Transaction } from 'kysely'
import { superUsers } from '../../core/user.ts'
import type { Database } from '../connection.ts'
import type { Schema } from '../schema.ts'

export type AccessChange = Transaction<Schema>

/**
 * Changes of users, roles and grants happen one after another, since each looks at what the others left: which roles a member
 * has, whether somebody is the last super-user. They are rare. Checks do not wait for them.
 */
export async function changeAccess<Result>(
  database: Database,
  change: (transaction: AccessChange) => Promise<Result>,
): Promise<Result> {
  return database.transaction().execute(async (transaction) => {
    await sql`SELECT FROM role WHERE name = ${superUsers} FOR NO KEY UPDATE`.execute(transaction)
    return change(transaction)
  })
}

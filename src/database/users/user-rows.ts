import { sql } from 'kysely'
import type { User } from '../../core/user.ts'
import type { Database } from '../connection.ts'

interface UserRow {
  readonly id: number
  readonly created: Date
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
}

/** Names of its roles, as an array. */
export const rolesOfAccount = sql<string[]>`ARRAY(SELECT role.name FROM account_role
  JOIN role ON role.id = account_role.role WHERE account_role.account = account.id ORDER BY role.name)`

export function selectUsers(database: Database) {
  return database
    .selectFrom('account')
    .select(['account.id', 'account.created', 'account.login', 'account.name'])
    .select(rolesOfAccount.as('roles'))
}

export function toUser({ id, created, login, name, roles }: UserRow): User {
  return { key: id, created, login, name, roles }
}

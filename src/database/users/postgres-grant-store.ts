import { sql } from 'kysely'
import type { GrantStore, Permission, ResourceGrants, UserGrant } from '../../core/permission.ts'
import type { Database } from '../connection.ts'
import { type AccountGrant, addGrants, removeGrants } from './account-grants.ts'
import { type AccessChange, changeAccess } from './change-access.ts'
import { fromBits, toBits } from './operation-bits.ts'
import { accountId } from './postgres-user-store.ts'

/** Who may do what, in PostgreSQL. */
export class PostgresGrantStore implements GrantStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(resource?: string): Promise<readonly ResourceGrants[]> {
    const query = this.#database
      .selectFrom('permission')
      .innerJoin('account_grant', 'account_grant.permission', 'permission.id')
      .innerJoin('account', 'account.id', 'account_grant.account')
      .select(['permission.id', 'permission.created', 'permission.resource'])
      .select(sql<Record<string, number>>`jsonb_object_agg(account.login, account_grant.operations)`.as('users'))
      .groupBy('permission.id')
      .orderBy('permission.resource')
    const rows = await (resource === undefined ? query : query.where('permission.resource', '=', resource)).execute()
    return rows.map(({ id, users, ...row }) => ({
      key: id,
      created: row.created,
      resource: row.resource,
      users: Object.fromEntries(Object.entries(users).map(([login, bits]) => [login, fromBits(bits)])),
    }))
  }

  async give(grant: UserGrant): Promise<void> {
    await changeAccess(this.#database, async (transaction) => {
      await addGrants(transaction, [await toAccountGrant(transaction, grant)])
    })
  }

  async take(grant: UserGrant): Promise<void> {
    await changeAccess(this.#database, async (transaction) => {
      await removeGrants(transaction, [await toAccountGrant(transaction, grant)])
    })
  }

  async permits(userKey: number, resources: readonly string[], operations: readonly Permission[]): Promise<boolean> {
    const found = await this.#database
      .selectFrom('account_grant')
      .innerJoin('permission', 'permission.id', 'account_grant.permission')
      .where('account_grant.account', '=', userKey)
      .where('permission.resource', 'in', resources)
      .where(sql<boolean>`account_grant.operations & ${toBits(operations)}::smallint <> 0`)
      .select('permission.id')
      .executeTakeFirst()
    return found !== undefined
  }
}

async function toAccountGrant(transaction: AccessChange, grant: UserGrant): Promise<AccountGrant> {
  const account = await accountId(transaction, grant.login)
  return { account, resource: grant.resource, operations: toBits(grant.operations) }
}

import { type RawBuilder, sql } from 'kysely'
import type { AccessChange } from './change-access.ts'

/** What an account may do to a resource, or is to lose. */
export interface AccountGrant {
  readonly account: number
  readonly resource: string
  /** Bits (`operation-bits.ts`). */
  readonly operations: number
}

export async function addGrants(transaction: AccessChange, grants: readonly AccountGrant[]): Promise<void> {
  const wanted = tableOf(grants)
  await sql`INSERT INTO permission (resource) SELECT DISTINCT resource FROM ${wanted}
    ON CONFLICT DO NOTHING`.execute(transaction)
  await sql`INSERT INTO account_grant (account, permission, operations)
    SELECT wanted.account, permission.id, wanted.operations
    FROM ${wanted} JOIN permission ON permission.resource = wanted.resource
    ON CONFLICT (account, permission)
    DO UPDATE SET operations = account_grant.operations | excluded.operations`.execute(transaction)
}

export async function removeGrants(transaction: AccessChange, grants: readonly AccountGrant[]): Promise<void> {
  await sql`UPDATE account_grant SET operations = account_grant.operations & ~lost.operations
    FROM ${tableOf(grants, 'lost')} JOIN permission ON permission.resource = lost.resource
    WHERE account_grant.account = lost.account AND account_grant.permission = permission.id`.execute(transaction)
  await transaction.deleteFrom('account_grant').where('operations', '=', 0).execute()
  await removeUnusedPermissions(transaction)
}

/** The same, of what roles gave that these accounts are members of no more: what their other roles give stays. */
export async function removeRoleGrants(transaction: AccessChange, grants: readonly AccountGrant[]): Promise<void> {
  const { rows } = await sql<AccountGrant>`SELECT lost.account, lost.resource, lost.operations & ~coalesce((
      SELECT bit_or(role_grant.operations) FROM account_role JOIN role_grant ON role_grant.role = account_role.role
      WHERE account_role.account = lost.account AND role_grant.resource = lost.resource), 0::smallint) AS operations
    FROM ${tableOf(grants, 'lost')}`.execute(transaction)
  await removeGrants(transaction, rows)
}

/** A resource that nobody may use has no permission in any list. */
export async function removeUnusedPermissions(transaction: AccessChange): Promise<void> {
  await sql`DELETE FROM permission WHERE NOT EXISTS (
    SELECT FROM account_grant WHERE account_grant.permission = permission.id)`.execute(transaction)
}

/** One row for each account and resource, as a table of this name. */
function tableOf(grants: readonly AccountGrant[], name = 'wanted'): RawBuilder<unknown> {
  const accounts = grants.map(({ account }) => account)
  const resources = grants.map(({ resource }) => resource)
  const operations = grants.map((grant) => grant.operations)
  return sql`(SELECT account, resource, bit_or(operations) AS operations
    FROM unnest(${accounts}::integer[], ${resources}::text[], ${operations}::smallint[])
      AS each (account, resource, operations)
    WHERE operations <> 0 GROUP BY account, resource) AS ${sql.ref(name)}`
}

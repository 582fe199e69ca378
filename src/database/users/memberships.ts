import { sql } from 'kysely'
import { lastSuperUser, superUsers } from '../../core/user.ts'
import { type AccountGrant, addGrants, removeRoleGrants } from './account-grants.ts'
import type { AccessChange } from './change-access.ts'

interface Account {
  readonly id: number
  readonly login: string
}

/** Makes the account a member of those roles that exist, with all that they give. */
export async function joinRoles(transaction: AccessChange, account: number, roles: readonly string[]): Promise<void> {
  await sql`INSERT INTO account_role (account, role) SELECT ${account}, id FROM role
    WHERE name = ANY (${roles}) ON CONFLICT DO NOTHING`.execute(transaction)
  await addGrants(transaction, await grantsOf(transaction, account, roles))
}

/** Throws kind `invalid` for the last of the super-users. */
export async function leaveRoles(transaction: AccessChange, account: Account, roles: readonly string[]): Promise<void> {
  if (roles.includes(superUsers)) await keepASuperUser(transaction, account)
  const lost = await grantsOf(transaction, account.id, roles)
  await sql`DELETE FROM account_role USING role
    WHERE role.id = account_role.role AND account_role.account = ${account.id} AND role.name = ANY (${roles})`.execute(
    transaction,
  )
  await removeRoleGrants(transaction, lost)
}

/** Throws kind `invalid` when the account is the only super-user. */
export async function keepASuperUser(transaction: AccessChange, account: Account): Promise<void> {
  const members = await transaction
    .selectFrom('account_role')
    .innerJoin('role', 'role.id', 'account_role.role')
    .where('role.name', '=', superUsers)
    .select('account_role.account')
    .limit(2)
    .execute()
  if (members.length === 1 && members[0]?.account === account.id) throw lastSuperUser(account.login)
}

/** What these roles of the account give to it. */
async function grantsOf(
  transaction: AccessChange,
  account: number,
  roles: readonly string[],
): Promise<readonly AccountGrant[]> {
  const { rows } = await sql<AccountGrant>`SELECT account_role.account, role_grant.resource, role_grant.operations
    FROM account_role JOIN role ON role.id = account_role.role JOIN role_grant ON role_grant.role = role.id
    WHERE account_role.account = ${account} AND role.name = ANY (${roles})`.execute(transaction)
  return rows
}

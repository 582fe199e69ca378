import { sql } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { Grant } from '../../core/permission.ts'
import type { NewRole, Role, RoleStore } from '../../core/role.ts'
import type { Database } from '../connection.ts'
import { type AccountGrant, addGrants, removeRoleGrants } from './account-grants.ts'
import { type AccessChange, changeAccess } from './change-access.ts'
import { joinRoles, leaveRoles } from './memberships.ts'
import { fromBits, toBits } from './operation-bits.ts'
import { accountId } from './postgres-user-store.ts'

/** Roles, their members and grants in PostgreSQL. */
export class PostgresRoleStore implements RoleStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(): Promise<readonly Role[]> {
    return (await selectRoles(this.#database).orderBy('role.name').execute()).map(toRole)
  }

  async find(id: string): Promise<Role | undefined> {
    const row = await selectRoles(this.#database).where('role.name', '=', id).executeTakeFirst()
    return row && toRole(row)
  }

  async create({ id, displayName, description }: NewRole): Promise<Role> {
    const row = await this.#database
      .insertInto('role')
      .values({ name: id, display_name: displayName, description })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returningAll()
      .executeTakeFirst()
    if (row !== undefined) return toRole({ ...row, users: [], grants: [] })
    throw new DeckleError('conflict', `A role with the id ${id} already exists`, { resources: { role: id } })
  }

  async change(id: string, { displayName, description }: Partial<Omit<NewRole, 'id'>>): Promise<Role> {
    return changeAccess(this.#database, async (transaction) => {
      const columns = {
        ...(displayName !== undefined && { display_name: displayName }),
        ...(description !== undefined && { description }),
      }
      const key = await roleKey(transaction, id)
      if (Object.keys(columns).length > 0) {
        await transaction.updateTable('role').set(columns).where('id', '=', key).execute()
      }
      return toRole(await selectRoles(transaction).where('role.id', '=', key).executeTakeFirstOrThrow())
    })
  }

  async remove(id: string): Promise<void> {
    await changeAccess(this.#database, async (transaction) => {
      const key = await roleKey(transaction, id)
      const lost = await transaction
        .selectFrom('account_role')
        .innerJoin('role_grant', 'role_grant.role', 'account_role.role')
        .where('account_role.role', '=', key)
        .select(['account_role.account', 'role_grant.resource', 'role_grant.operations'])
        .execute()
      await transaction.deleteFrom('role').where('id', '=', key).execute()
      await removeRoleGrants(transaction, lost)
    })
  }

  async join(id: string, login: string): Promise<void> {
    await changeAccess(this.#database, async (transaction) => {
      await roleKey(transaction, id)
      await joinRoles(transaction, await accountId(transaction, login), [id])
    })
  }

  async leave(id: string, login: string): Promise<void> {
    await changeAccess(this.#database, async (transaction) => {
      await roleKey(transaction, id)
      await leaveRoles(transaction, { id: await accountId(transaction, login), login }, [id])
    })
  }

  async give(id: string, { resource, operations }: Grant): Promise<void> {
    const bits = toBits(operations)
    await changeAccess(this.#database, async (transaction) => {
      const role = await roleKey(transaction, id)
      await sql`INSERT INTO role_grant (role, resource, operations) SELECT ${role}, ${resource}, ${bits}::smallint
        WHERE ${bits} <> 0 ON CONFLICT (role, resource)
        DO UPDATE SET operations = role_grant.operations | excluded.operations`.execute(transaction)
      await addGrants(transaction, await toMembers(transaction, role, resource, bits))
    })
  }

  async take(id: string, { resource, operations }: Grant): Promise<void> {
    await changeAccess(this.#database, async (transaction) => {
      const role = await roleKey(transaction, id)
      const ofThis = transaction.selectFrom('role_grant').where('role', '=', role).where('resource', '=', resource)
      const given = (await ofThis.select('operations').executeTakeFirst())?.operations ?? 0
      const lost = given & toBits(operations)
      await sql`UPDATE role_grant SET operations = operations & ~${lost}::smallint
        WHERE role = ${role} AND resource = ${resource}`.execute(transaction)
      await transaction.deleteFrom('role_grant').where('role', '=', role).where('operations', '=', 0).execute()
      await removeRoleGrants(transaction, await toMembers(transaction, role, resource, lost))
    })
  }
}

function selectRoles(database: Database) {
  return database
    .selectFrom('role')
    .selectAll('role')
    .select([
      sql<string[]>`ARRAY(SELECT account.login FROM account_role JOIN account ON account.id = account_role.account
        WHERE account_role.role = role.id ORDER BY account.login)`.as('users'),
      sql<readonly StoredGrant[]>`coalesce((
        SELECT jsonb_agg(jsonb_build_object('resource', resource, 'bits', operations) ORDER BY resource)
        FROM role_grant WHERE role_grant.role = role.id), '[]')`.as('grants'),
    ])
}

interface StoredGrant {
  readonly resource: string
  readonly bits: number
}

interface RoleRow {
  readonly id: number
  readonly created: Date
  readonly name: string
  readonly display_name: string
  readonly description: string | null
  readonly users: readonly string[]
  readonly grants: readonly StoredGrant[]
}

function toRole(row: RoleRow): Role {
  return {
    key: row.id,
    created: row.created,
    id: row.name,
    displayName: row.display_name,
    description: row.description,
    users: row.users,
    grants: row.grants.map(({ resource, bits }) => ({ resource, operations: fromBits(bits) })),
  }
}

async function roleKey(transaction: AccessChange, id: string): Promise<number> {
  const row = await transaction.selectFrom('role').select('id').where('name', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound({ role: id })
  return row.id
}

async function toMembers(
  transaction: AccessChange,
  role: number,
  resource: string,
  operations: number,
): Promise<readonly AccountGrant[]> {
  const members = await transaction.selectFrom('account_role').select('account').where('role', '=', role).execute()
  return members.map(({ account }) => ({ account, resource, operations }))
}

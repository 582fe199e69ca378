import { sql } from 'kysely'
import { DeckleError, notFound } from '../../core/errors.ts'
import type { UserGrant } from '../../core/permission.ts'
import type { NewUser, User, UserChange, UserStore } from '../../core/user.ts'
import type { Database } from '../connection.ts'
import { addGrants, removeUnusedPermissions } from './account-grants.ts'
import { type AccessChange, changeAccess } from './change-access.ts'
import { joinRoles, keepASuperUser, leaveRoles } from './memberships.ts'
import { toBits } from './operation-bits.ts'
import { selectUsers, toUser } from './user-rows.ts'

type UserWithRoles = NewUser & { readonly roles: readonly string[] }

/** Users, their roles and access tokens in PostgreSQL. */
export class PostgresUserStore implements UserStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add(user: UserWithRoles): Promise<boolean> {
    return changeAccess(this.#database, async (transaction) => {
      const id = await insertAccount(transaction, user)
      if (id !== undefined) await joinRoles(transaction, id, user.roles)
      return id !== undefined
    })
  }

  async put(user: UserWithRoles): Promise<User> {
    return changeAccess(this.#database, async (transaction) => {
      const id = (await insertAccount(transaction, user)) ?? (await accountId(transaction, user.login))
      await transaction.updateTable('account').set({ password_hash: user.passwordHash }).where('id', '=', id).execute()
      await joinRoles(transaction, id, user.roles)
      return readUser(transaction, id)
    })
  }

  async create(user: NewUser, grants: readonly UserGrant[]): Promise<User> {
    return changeAccess(this.#database, async (transaction) => {
      const id = await insertAccount(transaction, user)
      if (id === undefined) {
        const resources = { login: user.login }
        throw new DeckleError('conflict', `A user with the login ${user.login} already exists`, { resources })
      }
      for (const { login, resource, operations } of grants) {
        const account = await accountId(transaction, login)
        await addGrants(transaction, [{ account, resource, operations: toBits(operations) }])
      }
      return readUser(transaction, id)
    })
  }

  async change(login: string, { name, passwordHash, join = [], leave = [] }: UserChange): Promise<User> {
    return changeAccess(this.#database, async (transaction) => {
      const id = await accountId(transaction, login)
      const columns = {
        ...(name !== undefined && { name }),
        ...(passwordHash !== undefined && { password_hash: passwordHash }),
      }
      if (Object.keys(columns).length > 0) {
        await transaction.updateTable('account').set(columns).where('id', '=', id).execute()
      }
      await joinRoles(transaction, id, join)
      await leaveRoles(transaction, { id, login }, leave)
      return readUser(transaction, id)
    })
  }

  async remove(login: string, resource: string): Promise<void> {
    await changeAccess(this.#database, async (transaction) => {
      const id = await accountId(transaction, login)
      await keepASuperUser(transaction, { id, login })
      await transaction.deleteFrom('account').where('id', '=', id).execute()
      await transaction.deleteFrom('permission').where('resource', '=', resource).execute()
      await transaction.deleteFrom('role_grant').where('resource', '=', resource).execute()
      await removeUnusedPermissions(transaction)
    })
  }

  async list(role?: string): Promise<readonly User[]> {
    const query = selectUsers(this.#database).orderBy('account.login')
    const members = sql<boolean>`EXISTS (SELECT FROM account_role JOIN role ON role.id = account_role.role
      WHERE account_role.account = account.id AND role.name = ${role})`
    return (await (role === undefined ? query : query.where(members)).execute()).map(toUser)
  }

  async find(login: string): Promise<(User & { readonly passwordHash: string | null }) | undefined> {
    const row = await selectUsers(this.#database)
      .select('account.password_hash')
      .where('login', '=', login)
      .executeTakeFirst()
    return row === undefined ? undefined : { ...toUser(row), passwordHash: row.password_hash }
  }

  async findByToken(tokenSha256: string): Promise<User | undefined> {
    const row = await selectUsers(this.#database)
      .innerJoin('access_token', 'access_token.account', 'account.id')
      .where('access_token.sha256', '=', Buffer.from(tokenSha256, 'hex'))
      .executeTakeFirst()
    return row === undefined ? undefined : toUser(row)
  }

  async addToken(login: string, name: string, tokenSha256: string): Promise<void> {
    await sql`INSERT INTO access_token (sha256, account, name)
      SELECT ${Buffer.from(tokenSha256, 'hex')}, id, ${name} FROM account WHERE login = ${login}
      ON CONFLICT DO NOTHING`.execute(this.#database)
  }
}

/** The key of an account; throws kind `not-found` with `login`. */
export async function accountId(transaction: AccessChange, login: string): Promise<number> {
  const row = await transaction.selectFrom('account').select('id').where('login', '=', login).executeTakeFirst()
  if (row === undefined) throw notFound({ login })
  return row.id
}

/** Undefined when there is one of that login already. */
async function insertAccount(transaction: AccessChange, user: NewUser): Promise<number | undefined> {
  const row = await transaction
    .insertInto('account')
    .values({ login: user.login, name: user.name, password_hash: user.passwordHash })
    .onConflict((conflict) => conflict.column('login').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

async function readUser(transaction: AccessChange, id: number): Promise<User> {
  return toUser(await selectUsers(transaction).where('account.id', '=', id).executeTakeFirstOrThrow())
}

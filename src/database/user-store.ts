import { sql, type Transaction } from 'kysely'
import type { User, UserStore } from '../core/user.ts'
import type { Database } from './connection.ts'
import type { Schema } from './schema.ts'

/** Users, their roles and access tokens in PostgreSQL. */
export class PostgresUserStore implements UserStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add(user: { login: string; name: string; passwordHash: string; roles: readonly string[] }): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .insertInto('account')
        .values({ login: user.login, name: user.name, password_hash: user.passwordHash })
        .onConflict((conflict) => conflict.column('login').doNothing())
        .returning('id')
        .executeTakeFirst()
      if (row !== undefined) await giveRoles(transaction, row.id, user.roles)
      return row !== undefined
    })
  }

  async put(user: { login: string; name: string; passwordHash: string; roles: readonly string[] }): Promise<User> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .insertInto('account')
        .values({ login: user.login, name: user.name, password_hash: user.passwordHash })
        .onConflict((conflict) => conflict.column('login').doUpdateSet({ password_hash: user.passwordHash }))
        .returning(['id', 'name'])
        .executeTakeFirstOrThrow()
      await giveRoles(transaction, row.id, user.roles)
      return { key: row.id, login: user.login, name: row.name, roles: user.roles }
    })
  }

  async find(login: string): Promise<(User & { readonly passwordHash: string }) | undefined> {
    const row = await this.#users().where('login', '=', login).executeTakeFirst()
    return row === undefined ? undefined : { ...toUser(row), passwordHash: row.password_hash }
  }

  async findByToken(tokenSha256: string): Promise<User | undefined> {
    const row = await this.#users()
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

  #users() {
    return this.#database
      .selectFrom('account')
      .select(['account.id', 'account.login', 'account.name', 'account.password_hash'])
      .select(
        sql<string[]>`ARRAY(SELECT role.name FROM account_role JOIN role ON role.id = account_role.role
          WHERE account_role.account = account.id ORDER BY role.name)`.as('roles'),
      )
  }
}

async function giveRoles(transaction: Transaction<Schema>, account: number, roles: readonly string[]): Promise<void> {
  await sql`INSERT INTO account_role (account, role) SELECT ${account}, id FROM role
    WHERE name = ANY (${roles}) ON CONFLICT DO NOTHING`.execute(transaction)
}

function toUser(row: { id: number; login: string; name: string; roles: string[] }): User {
  return { key: row.id, login: row.login, name: row.name, roles: row.roles }
}

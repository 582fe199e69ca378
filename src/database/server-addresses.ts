import { isJsonObject, type Json } from '../core/json.ts'
import type { ServerAddressBook, ServerAddresses } from '../core/server-addresses.ts'
import type { Database } from './connection.ts'
import { jsonb } from './schema.ts'

const name = 'addresses'

/** Where this installation listens, as a fact about the server: one row that the process that started last has written. */
export class PostgresServerAddresses implements ServerAddressBook {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async tell(addresses: ServerAddresses): Promise<void> {
    const value = jsonb(addresses)
    await this.#database
      .insertInto('server_state')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }

  async read(): Promise<ServerAddresses> {
    const row = await this.#database
      .selectFrom('server_state')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst()
    return toAddresses(row?.value ?? null)
  }
}

function toAddresses(value: Json): ServerAddresses {
  const { hosts = {}, caCertificate = null } = isJsonObject(value) ? value : {}
  const { http, https } = isJsonObject(hosts) ? hosts : {}
  return {
    hosts: { ...(typeof http === 'string' && { http }), ...(typeof https === 'string' && { https }) },
    caCertificate: typeof caCertificate === 'string' ? caCertificate : null,
  }
}

import type { AuthorityStore, StoredAuthority } from '../../core/certificate.ts'
import { isJsonObject, type Json } from '../../core/json.ts'
import type { Database } from '../connection.ts'
import { findValue, keepFirst } from './first-value.ts'

const name = 'certificate_authority'

/** The authority beside the other facts of the installation, so that a backup takes it along. */
export class PostgresAuthorityStore implements AuthorityStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(): Promise<StoredAuthority | undefined> {
    const value = await findValue(this.#database, name)
    return value === undefined ? undefined : toAuthority(value)
  }

  async keep(made: StoredAuthority): Promise<StoredAuthority> {
    const { certificate, sealedKey } = made
    await keepFirst(this.#database, name, { certificate, sealedKey })
    return (await this.find()) ?? made
  }
}

function toAuthority(value: Json): StoredAuthority {
  const { certificate, sealedKey } = isJsonObject(value) ? value : {}
  if (typeof certificate === 'string' && typeof sealedKey === 'string') return { certificate, sealedKey }
  throw new Error('the certificate authority in the database is not one')
}

import { isJsonObject, type Json } from '../../core/json.ts'
import type { SigningKeyStore, StoredSigningKey } from '../../core/metadata-signer.ts'
import type { Database } from '../connection.ts'
import { findValue, keepFirst } from './first-value.ts'

const name = 'signing_key'

/** The key that signs metadata beside the other facts of the installation, so that a backup takes it along. */
export class PostgresSigningKeyStore implements SigningKeyStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(): Promise<StoredSigningKey | undefined> {
    const value = await findValue(this.#database, name)
    return value === undefined ? undefined : toKey(value)
  }

  async keep(made: StoredSigningKey): Promise<StoredSigningKey> {
    const { publicKey, sealedKey } = made
    await keepFirst(this.#database, name, { publicKey, sealedKey })
    return (await this.find()) ?? made
  }
}

function toKey(value: Json): StoredSigningKey {
  const { publicKey, sealedKey } = isJsonObject(value) ? value : {}
  if (typeof publicKey === 'string' && typeof sealedKey === 'string') return { publicKey, sealedKey }
  throw new Error('the key that signs metadata is not one')
}

import { readFile } from 'node:fs/promises'
import { invalid } from '../core/errors.ts'
import type { MetadataSigner } from '../core/metadata-signer.ts'
import { PostgresSigningKeyStore } from '../database/authority/postgres-signing-key-store.ts'
import type { Database } from '../database/connection.ts'
import { sealingKey } from '../database/resources/sealing-key.ts'
import { Sealer } from '../operations/resources/sealer.ts'
import { OwnSigner } from '../signing/own-signer.ts'
import type { Config } from './config.ts'

/** Signs the metadata of this installation, with the key of the settings or its own. */
export function signerOf({ signingKey }: Config, database: Database): MetadataSigner {
  return new OwnSigner({
    store: new PostgresSigningKeyStore(database),
    sealer: async () => new Sealer(await sealingKey(database)),
    ...(signingKey !== undefined && { given: () => readKey(signingKey) }),
  })
}

/** Read each time: the file may be replaced. */
async function readKey(path: string): Promise<{ armored: string; name: string }> {
  const name = `the file ${path} (DECKLE_SIGNING_KEY)`
  const armored = await readFile(path, 'utf8').catch((error: Error) => {
    throw invalid(`${name} cannot be read: ${error.message}`)
  })
  return { armored, name }
}

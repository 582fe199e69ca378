import type { Client } from 'pg'
import { DeckleError } from '../../core/errors.ts'
import type { ControlSubscriber } from '../control-connection.ts'

/** Servers hold it shared, a restore alone. */
const lockKey = '7234297741936055412'

/** Shows on the control connection of a server that the database is in use. A server is not started while a restore is under way. */
export const serverMark: ControlSubscriber = {
  channel: 'deckle_restore',
  notice() {},
  async connected(client) {
    if (await tryLock(client, 'pg_try_advisory_lock_shared')) return
    throw new DeckleError('conflict', '`deckle restore` works on this database; wait for its end')
  },
}

/** Keeps servers out until the client's connection ends. Throws kind `conflict` when one is there. */
export async function keepServersOut(client: Client): Promise<void> {
  if (await tryLock(client, 'pg_try_advisory_lock')) return
  throw new DeckleError(
    'conflict',
    'a Deckle server (or another restore) uses this database; stop every `deckle serve` on it first',
  )
}

async function tryLock(client: Client, lock: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT ${lock}(${lockKey}) AS locked`)
  return rows[0]?.locked === true
}

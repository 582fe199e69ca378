import { randomBytes } from 'node:crypto'
import type { Database } from '../connection.ts'
import { jsonb } from '../schema.ts'

const name = 'sealing_key'
const keyBytes = 32

/**
 * What secrets in resources are encrypted with; the same for all processes, made with the first question. It lies beside them, since
 * every server of the database needs it: it keeps secrets out of rows, answers and logs, not from who has the whole database.
 */
export async function sealingKey(database: Database): Promise<Buffer> {
  await database
    .insertInto('server_state')
    .values({ name, value: jsonb(randomBytes(keyBytes).toString('base64')) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const query = database.selectFrom('server_state').select('value').where('name', '=', name)
  return Buffer.from(String((await query.executeTakeFirstOrThrow()).value), 'base64')
}

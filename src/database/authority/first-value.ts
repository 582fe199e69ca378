import type { Json } from '../../core/json.ts'
import type { Database } from '../connection.ts'
import { jsonb } from '../schema.ts'

/** A fact of the installation, beside the others, so that a backup takes it along. */
export async function findValue(database: Database, name: string): Promise<Json | undefined> {
  const query = database.selectFrom('server_state').select('value').where('name', '=', name)
  return (await query.executeTakeFirst())?.value
}

/** Of several that are kept at once the first one stays. */
export async function keepFirst(database: Database, name: string, value: Json): Promise<void> {
  await database
    .insertInto('server_state')
    .values({ name, value: jsonb(value) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

import { DeckleError } from '../../core/errors.ts'
import type { Database } from '../connection.ts'
import { decodePack } from '../units/unit-pack.ts'

/** Where the documents of a unit lie; a unit without any has no pack. */
export interface PackPlace {
  readonly pack: number | null
  readonly slot: number | null
}

/** Of each document the texts, by slot. */
export type OpenPack = ReadonlyMap<string, readonly Buffer[]>

export async function openPack(database: Database, names: readonly string[], pack: number): Promise<OpenPack> {
  const rows = await database
    .selectFrom('unit_pack')
    .select(['document', 'body'])
    .where('id', '=', pack)
    .where('document', 'in', [...names])
    .execute()
  if (rows.length === 0) await requirePack(database, pack)
  const documents = new Map<string, readonly Buffer[]>()
  for (const row of rows) documents.set(row.document, await decodePack(row.body))
  return documents
}

/** A pack without the wanted documents is legal; one that went with its units while they were read must not look like that. */
async function requirePack(database: Database, pack: number): Promise<void> {
  const query = database.selectFrom('unit_pack').select('id').where('id', '=', pack)
  if ((await query.executeTakeFirst()) !== undefined) return
  throw new DeckleError('conflict', 'units were deleted as orphans while they were read')
}

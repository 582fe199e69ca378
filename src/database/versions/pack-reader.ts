import type { UnitDocuments } from '../../core/content-type.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Database } from '../connection.ts'
import { decodePack } from '../units/unit-pack.ts'

/** Open bytes of packs that are kept for the next units. Neighbours in a version mostly share a pack. */
const cacheBytes = 48 * 1024 * 1024

interface OpenPack {
  readonly documents: ReadonlyMap<string, readonly Buffer[]>
  readonly size: number
}

/** Reads documents out of packs, each pack once while it stays in the cache. */
export class PackReader {
  readonly #database: Database
  readonly #names: readonly string[]
  readonly #cache = new Map<number, OpenPack>()
  #cached = 0

  constructor(database: Database, names: readonly string[]) {
    this.#database = database
    this.#names = names
  }

  async documents(pack: number, slot: number): Promise<UnitDocuments> {
    if (this.#names.length === 0) return {}
    const open = this.#cache.get(pack) ?? (await this.#load(pack))
    const entries = [...open.documents].map(([name, texts]) => [name, texts[slot] ?? new Uint8Array(0)] as const)
    return Object.fromEntries(entries)
  }

  async #load(pack: number): Promise<OpenPack> {
    const rows = await this.#database
      .selectFrom('unit_pack')
      .select(['document', 'body'])
      .where('id', '=', pack)
      .where('document', 'in', [...this.#names])
      .execute()
    if (rows.length === 0) await this.#requirePack(pack)
    const documents = new Map<string, readonly Buffer[]>()
    let size = 0
    for (const row of rows) {
      const texts = await decodePack(row.body)
      documents.set(row.document, texts)
      size += texts.reduce((sum, text) => sum + text.length, 0)
    }
    const open = { documents, size }
    this.#keep(pack, open)
    return open
  }

  /** A pack without the wanted documents is legal; one that went with its units while they were read must not look like that. */
  async #requirePack(pack: number): Promise<void> {
    const query = this.#database.selectFrom('unit_pack').select('id').where('id', '=', pack)
    if ((await query.executeTakeFirst()) !== undefined) return
    throw new DeckleError('conflict', 'units were deleted as orphans while they were read')
  }

  /** Oldest out first; the newest always stays. */
  #keep(pack: number, open: OpenPack): void {
    this.#cache.set(pack, open)
    this.#cached += open.size
    for (const [oldest, entry] of this.#cache) {
      if (this.#cached <= cacheBytes || oldest === pack) return
      this.#cache.delete(oldest)
      this.#cached -= entry.size
    }
  }
}

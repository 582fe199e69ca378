import { sql } from 'kysely'
import type { Json, JsonObject } from '../../core/json.ts'
import type { UnitParts, UnitView } from '../../core/unit-reader.ts'
import type { Database } from '../connection.ts'
import { PackReader } from '../versions/pack-reader.ts'
import type { ContentTypeIds } from './content-type-ids.ts'
import { downloaded, storagePath } from './unit-storage.ts'

/** What is read at once: units, and bytes of their documents. A client that stops reading makes us hold that. */
const page = { units: 100, documentBytes: 1024 * 1024 }
/** Where packs are opened for units that do not stand together in them: the more, the less often. */
const scatteredPage = { units: 1024, documentBytes: 8 * 1024 * 1024 }

interface UnitRow {
  readonly id: number
  readonly type: number
  readonly wireId: string
  readonly metadata: JsonObject
  readonly updated: Date
  readonly pack: number | null
  readonly slot: number | null
  readonly userMetadata: Json
  readonly downloaded: boolean | null
  readonly storagePath: string | null
}

/** Reads units by their row ids, whole pages at a time. */
export class UnitViewReader {
  readonly pageUnits: number
  readonly #database: Database
  readonly #types: ContentTypeIds
  readonly #parts: UnitParts
  readonly #packs: PackReader

  /** `inRowOrder` says that ids will come in their own order, as packs were filled. */
  constructor(database: Database, types: ContentTypeIds, parts: UnitParts, inRowOrder: boolean) {
    const documents = parts.documents ?? []
    const { units, documentBytes } = inRowOrder || documents.length === 0 ? page : scatteredPage
    this.pageUnits = units
    this.#database = database
    this.#types = types
    this.#parts = parts
    this.#packs = new PackReader(database, documents, documentBytes)
  }

  /** The units of these rows, in their order; those that have been deleted meanwhile are left out. */
  async *read(ids: readonly number[]): AsyncGenerator<UnitView> {
    const rows = await this.#rows(ids)
    const holders = this.#parts.repositories === true ? await this.#holders(rows) : undefined
    for await (const [row, documents] of this.#packs.documents(rows)) {
      const repositories = holders && (holders.get(row.wireId) ?? [])
      yield { ...this.#view(row), documents, ...(repositories !== undefined && { repositories }) }
    }
  }

  #view({ id, type, wireId, metadata, updated, userMetadata, downloaded, storagePath }: UnitRow) {
    const storage = downloaded === null || storagePath === null ? undefined : { downloaded, path: storagePath }
    const own = { id, type: this.#types.name(type), wireId, metadata, updated, userMetadata }
    return { ...own, ...(storage !== undefined && { storage }) }
  }

  async #rows(ids: readonly number[]): Promise<readonly UnitRow[]> {
    const { rows } = await sql<UnitRow>`
      SELECT unit.id, unit.type, unit.wire_id AS "wireId", unit.metadata, unit.updated, unit.pack, unit.slot,
        coalesce(note.value, '{}') AS "userMetadata", ${downloaded} AS downloaded, ${storagePath} AS "storagePath"
      FROM unit LEFT JOIN unit_user_metadata AS note ON note.wire_id = unit.wire_id
      WHERE unit.id = ANY (${ids}::bigint[])`.execute(this.#database)
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.flatMap((id) => byId.get(id) ?? [])
  }

  /** Wire id → repositories whose latest version holds any revision of it. */
  async #holders(units: readonly UnitRow[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const { rows } = await sql<{ wireId: string; names: readonly string[] }>`
      SELECT unit.wire_id AS "wireId", array_agg(DISTINCT repository.name ORDER BY repository.name) AS names
      FROM unit JOIN membership ON membership.unit = unit.id JOIN repository ON repository.id = membership.repository
      WHERE unit.wire_id = ANY (${units.map(({ wireId }) => wireId)}::uuid[])
        AND membership.added_in <= repository.latest
        AND (membership.removed_in IS NULL OR membership.removed_in > repository.latest)
      GROUP BY unit.wire_id`.execute(this.#database)
    return new Map(rows.map(({ wireId, names }) => [wireId, names]))
  }
}

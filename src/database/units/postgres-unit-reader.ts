import { sql } from 'kysely'
import type { Criteria } from '../../core/criteria.ts'
import type { Json } from '../../core/json.ts'
import type {
  AssociationCriteria,
  SelectedUnits,
  UnitAssociation,
  UnitName,
  UnitParts,
  UnitReader,
  UnitView,
} from '../../core/unit-reader.ts'
import type { Database } from '../connection.ts'
import { isMember, type SearchedVersion, searchAssociations } from '../criteria/association-search.ts'
import type { RowIds } from '../criteria/row-ids.ts'
import { listUnits, searchUnits } from '../criteria/unit-search.ts'
import { jsonb } from '../schema.ts'
import type { ContentTypeIds } from './content-type-ids.ts'
import { readUnitNames } from './read-unit-names.ts'
import { UnitViewReader } from './read-unit-views.ts'

/** Reads units in PostgreSQL: rows are found first, then read page by page. */
export class PostgresUnitReader implements UnitReader {
  readonly #database: Database
  readonly #types: ContentTypeIds

  constructor(database: Database, types: ContentTypeIds) {
    this.#database = database
    this.#types = types
  }

  async *list(type: string, parts: UnitParts): AsyncIterable<UnitView> {
    if (!this.#knows(type)) return
    const reader = new UnitViewReader(this.#database, this.#types, parts, true)
    for await (const page of listUnits(this.#database, this.#types, type, reader.pageUnits)) yield* reader.read(page)
  }

  async *search(type: string, criteria: Criteria, parts: UnitParts): AsyncIterable<UnitView> {
    if (!this.#knows(type)) return
    const ids = await searchUnits(this.#database, this.#types, type, criteria)
    yield* this.#read(ids, parts, criteria.sort.length === 0)
  }

  async get(type: string, wireId: string, parts: UnitParts): Promise<UnitView | undefined> {
    if (!this.#knows(type) || !isUuid(wireId)) return undefined
    const { rows } = await sql<{ id: number }>`
      SELECT id FROM unit WHERE wire_id = ${wireId}::uuid AND type = ${this.#types.id(type)} ORDER BY id DESC LIMIT 1
    `.execute(this.#database)
    const reader = new UnitViewReader(this.#database, this.#types, parts, true)
    const [unit] = await Array.fromAsync(reader.read(rows.map(({ id }) => id)))
    return unit
  }

  async *associations(
    repositoryId: string,
    criteria: AssociationCriteria,
    parts: UnitParts,
  ): AsyncIterable<UnitAssociation> {
    const { version, ids } = await searchAssociations(this.#database, this.#types, repositoryId, criteria)
    const reader = new UnitViewReader(this.#database, this.#types, parts, false)
    for (const page of ids.pages(reader.pageUnits)) {
      const dates = await this.#dates(version, page)
      for await (const unit of reader.read(page)) {
        const found = dates.get(unit.id)
        if (found !== undefined) yield { repositoryId, unit, created: found.created, updated: found.updated }
      }
    }
  }

  async select(repositoryId: string, criteria: AssociationCriteria): Promise<SelectedUnits> {
    return (await searchAssociations(this.#database, this.#types, repositoryId, criteria)).ids
  }

  names(ids: readonly number[]): Promise<readonly UnitName[]> {
    return readUnitNames(this.#database, this.#types, ids)
  }

  async setUserMetadata(type: string, wireId: string, value: Json): Promise<boolean> {
    if (!this.#knows(type) || !isUuid(wireId)) return false
    const { numAffectedRows } = await sql`
      INSERT INTO unit_user_metadata (wire_id, value)
      SELECT wire_id, ${jsonb(value)}::jsonb FROM unit
      WHERE wire_id = ${wireId}::uuid AND type = ${this.#types.id(type)} LIMIT 1
      ON CONFLICT (wire_id) DO UPDATE SET value = excluded.value`.execute(this.#database)
    return numAffectedRows === 1n
  }

  #knows(type: string): boolean {
    return this.#types.declared(type) !== undefined
  }

  async *#read(ids: RowIds, parts: UnitParts, inRowOrder: boolean): AsyncIterable<UnitView> {
    const reader = new UnitViewReader(this.#database, this.#types, parts, inRowOrder)
    for (const page of ids.pages(reader.pageUnits)) yield* reader.read(page)
  }

  async #dates(version: SearchedVersion, units: readonly number[]) {
    const { rows } = await sql<{ unit: number; created: Date; updated: Date }>`
      SELECT unit, created, updated FROM membership
      WHERE ${isMember(version)} AND unit = ANY (${units}::bigint[])`.execute(this.#database)
    return new Map(rows.map((row) => [row.unit, row]))
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
}

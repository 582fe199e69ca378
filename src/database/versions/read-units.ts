import { sql } from 'kysely'
import type { Pool } from 'pg'
import Cursor from 'pg-cursor'
import type { JsonObject } from '../../core/json.ts'
import type { StoredUnitFile, UnitQuery, UnitWithDocuments } from '../../core/repository-version.ts'
import type { Database } from '../connection.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { PackReader } from './pack-reader.ts'

/** Rows fetched from the server at a time. */
const pageRows = 256
/**
 * With documents, in an order of the reader's: the more, the less often a pack is opened whose units do not stand together. By id they
 * do stand together, since packs are made as units come in.
 */
const pageRowsOfPacks = 4_096

interface UnitRow {
  readonly id: number
  readonly type: number
  readonly wire_id: string
  readonly metadata: JsonObject
  readonly updated: Date
  readonly pack: number | null
  readonly slot: number | null
}

/** Streams the units of a version in bounded memory; holds one connection of the pool until it is done or dropped. */
export async function* readUnits(
  database: Database,
  pool: Pool,
  types: ContentTypeIds,
  query: UnitQuery,
): AsyncIterable<UnitWithDocuments> {
  const packs = new PackReader(database, query.documents ?? [])
  for await (const page of readPages(pool, types, query)) {
    const files = query.files === true ? await readFiles(database, page) : new Map<number, StoredUnitFile[]>()
    for await (const [row, documents] of packs.documents(page)) {
      const { id } = row
      const unit = { id, type: types.name(row.type), wireId: row.wire_id, metadata: row.metadata, updated: row.updated }
      yield { unit, documents, files: files.get(id) ?? [] }
    }
  }
}

async function* readPages(pool: Pool, types: ContentTypeIds, query: UnitQuery): AsyncIterable<readonly UnitRow[]> {
  const client = await pool.connect()
  let broken: Error | undefined
  const cursor = client.query(new Cursor<UnitRow>(...statement(types, query)))
  try {
    for (;;) {
      const rows = await cursor.read(isScattered(query) ? pageRowsOfPacks : pageRows)
      if (rows.length === 0) return
      yield rows
    }
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    if (broken === undefined) await cursor.close()
    client.release(broken)
  }
}

function isScattered({ documents = [], order = [] }: UnitQuery): boolean {
  return documents.length > 0 && order.length > 0
}

function statement(types: ContentTypeIds, query: UnitQuery): [string, unknown[]] {
  const values: unknown[] = [query.repositoryId, query.version, query.types.map((type) => types.id(type))]
  const parameter = (value: unknown) => `$${values.push(value)}`
  const order = (query.order ?? []).map((name) => `(unit.metadata ->> ${parameter(name)}) COLLATE "C" NULLS FIRST, `)
  const fields = query.fields?.map((name) => `${parameter(name)}::text, unit.metadata -> ${parameter(name)}`)
  const metadata = fields === undefined ? 'unit.metadata' : `jsonb_build_object(${fields.join(', ')}) AS metadata`
  const text = `
    SELECT unit.id, unit.type, unit.wire_id, ${metadata}, unit.updated, unit.pack, unit.slot
    FROM repository JOIN membership ON membership.repository = repository.id JOIN unit ON unit.id = membership.unit
    WHERE repository.name = $1 AND ${visible(query, parameter)}${within(query, parameter)} AND unit.type = ANY ($3::smallint[])
    ORDER BY ${order.join('')}unit.id`
  return [text, values]
}

/** Rows of the version `$2`, or of how it differs from an earlier one. */
function visible({ differsFrom }: UnitQuery, parameter: (value: unknown) => string): string {
  const now = 'membership.added_in <= $2 AND (membership.removed_in IS NULL OR membership.removed_in > $2)'
  if (differsFrom === undefined) return now
  const before = `${parameter(differsFrom.version)}::integer`
  if (differsFrom.by === 'added') return `membership.added_in > ${before} AND ${now}`
  return `membership.added_in <= ${before} AND membership.removed_in > ${before} AND membership.removed_in <= $2`
}

function within({ associated }: UnitQuery, parameter: (value: unknown) => string): string {
  const { from, until } = associated ?? {}
  const after = from === undefined ? '' : ` AND membership.created >= ${parameter(from)}::timestamptz`
  return until === undefined ? after : `${after} AND membership.created <= ${parameter(until)}::timestamptz`
}

async function readFiles(database: Database, page: readonly UnitRow[]): Promise<Map<number, StoredUnitFile[]>> {
  const { rows } = await sql<{ unit: number; path: string; size: number | null; sha256: Buffer | null }>`
    SELECT unit_file.unit, unit_file.path, file.size, file.sha256
    FROM unit_file JOIN file ON file.id = unit_file.file
    WHERE unit_file.unit = ANY (${page.map((row) => row.id)}::bigint[]) ORDER BY unit_file.unit, unit_file.path
  `.execute(database)
  const files = new Map<number, StoredUnitFile[]>()
  for (const row of rows) {
    const list = files.get(row.unit) ?? []
    list.push({ path: row.path, size: row.size, sha256: row.sha256?.toString('hex') ?? null })
    files.set(row.unit, list)
  }
  return files
}

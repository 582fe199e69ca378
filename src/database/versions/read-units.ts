import { sql } from 'kysely'
import type { Pool } from 'pg'
import Cursor from 'pg-cursor'
import type { JsonObject } from '../../core/json.ts'
import type { StoredUnitFile, UnitQuery, UnitWithDocuments } from '../../core/repository-version.ts'
import type { Database } from '../connection.ts'
import type { ContentTypeIds } from '../units/content-type-ids.ts'
import { GatheredDocuments } from './gathered-documents.ts'
import { openPack, type PackPlace } from './open-pack.ts'
import { PackReader } from './pack-reader.ts'
import { areScattered, PlaceList } from './place-list.ts'

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

/**
 * Streams the units of a version in bounded memory; holds one connection of the pool until it is done or dropped, and at times a
 * second one.
 */
export async function* readUnits(
  database: Database,
  pool: Pool,
  types: ContentTypeIds,
  query: UnitQuery,
): AsyncIterable<UnitWithDocuments> {
  const names = query.documents ?? []
  const packs = new PackReader(database, names)
  const rows = statement(types, query, columnsOf(query))
  let gathered: GatheredDocuments | undefined
  let read = 0
  for await (const page of readPages<UnitRow>(pool, rows, inOwnOrder(query) ? pageRowsOfPacks : pageRows)) {
    if (gathered === undefined && page.length === pageRowsOfPacks && areScattered(page))
      gathered = await gather({ database, pool, types, query }, read)
    const files = query.files === true ? await readFiles(database, page) : new Map<number, StoredUnitFile[]>()
    for await (const [row, documents] of gathered?.documents(page, read) ?? packs.documents(page)) {
      const { id } = row
      const unit = { id, type: types.name(row.type), wireId: row.wire_id, metadata: row.metadata, updated: row.updated }
      yield { unit, documents, files: files.get(id) ?? [] }
    }
    read += page.length
  }
}

function inOwnOrder({ documents = [], order = [] }: UnitQuery): boolean {
  return documents.length > 0 && order.length > 0
}

interface Source {
  readonly database: Database
  readonly pool: Pool
  readonly types: ContentTypeIds
  readonly query: UnitQuery
}

/** The documents of all units from `from` on; undefined where no temporary file may be made. */
async function gather({ database, pool, types, query }: Source, from: number): Promise<GatheredDocuments | undefined> {
  const names = query.documents ?? []
  if (query.scratch === undefined || names.length === 0) return undefined
  const places = new PlaceList()
  const rows = statement(types, query, () => 'unit.pack, unit.slot')
  for await (const page of readPages<PackPlace>(pool, rows, pageRowsOfPacks))
    for (const place of page) places.push(place)
  const open = (pack: number) => openPack(database, names, pack)
  return await GatheredDocuments.gather({ places, names, open, scratch: await query.scratch() }, from)
}

type Statement = [text: string, values: unknown[]]
type Parameter = (value: unknown) => string

async function* readPages<Row>(pool: Pool, rows: Statement, atOnce: number): AsyncIterable<readonly Row[]> {
  const client = await pool.connect()
  let broken: Error | undefined
  const cursor = client.query(new Cursor<Row>(...rows))
  try {
    for (;;) {
      const page = await cursor.read(atOnce)
      if (page.length === 0) return
      yield page
    }
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    if (broken === undefined) await cursor.close()
    client.release(broken)
  }
}

function columnsOf({ fields }: UnitQuery): (parameter: Parameter) => string {
  return (parameter) => {
    const wanted = fields?.map((name) => `${parameter(name)}::text, unit.metadata -> ${parameter(name)}`)
    const metadata = wanted === undefined ? 'unit.metadata' : `jsonb_build_object(${wanted.join(', ')}) AS metadata`
    return `unit.id, unit.type, unit.wire_id, ${metadata}, unit.updated, unit.pack, unit.slot`
  }
}

function statement(types: ContentTypeIds, query: UnitQuery, columns: (parameter: Parameter) => string): Statement {
  const values: unknown[] = [query.repositoryId, query.version, query.types.map((type) => types.id(type))]
  const parameter: Parameter = (value) => `$${values.push(value)}`
  const order = (query.order ?? []).map((name) => `(unit.metadata ->> ${parameter(name)}) COLLATE "C" NULLS FIRST, `)
  const text = `
    SELECT ${columns(parameter)}
    FROM repository JOIN membership ON membership.repository = repository.id JOIN unit ON unit.id = membership.unit
    WHERE repository.name = $1 AND ${visible(query, parameter)}${within(query, parameter)} AND unit.type = ANY ($3::smallint[])
    ORDER BY ${order.join('')}unit.id`
  return [text, values]
}

/** Rows of the version `$2`, or of how it differs from an earlier one. */
function visible({ differsFrom }: UnitQuery, parameter: Parameter): string {
  const now = 'membership.added_in <= $2 AND (membership.removed_in IS NULL OR membership.removed_in > $2)'
  if (differsFrom === undefined) return now
  const before = `${parameter(differsFrom.version)}::integer`
  if (differsFrom.by === 'added') return `membership.added_in > ${before} AND ${now}`
  return `membership.added_in <= ${before} AND membership.removed_in > ${before} AND membership.removed_in <= $2`
}

function within({ associated }: UnitQuery, parameter: Parameter): string {
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

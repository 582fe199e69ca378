import { sql } from 'kysely'
import type { RepositoryFile } from '../../core/deferred-file.ts'
import { notFound } from '../../core/errors.ts'
import type { Database } from '../connection.ts'

/** Units read at a time. */
const pageUnits = 2000

/** A state of a repository's content, by row id. */
interface Position {
  readonly repository: number
  readonly version: number
}

/**
 * Files of the version that is the latest one at the start. Pages by unit, holding no connection in between: whoever reads may
 * fetch for hours. A file of several units comes with the first of them.
 */
export async function* readRepositoryFiles(
  database: Database,
  repositoryId: string,
  onlyMissing: boolean,
): AsyncIterable<RepositoryFile> {
  const position = await latestOf(database, repositoryId)
  let after = 0
  for (;;) {
    const units = await readUnitIds(database, position, after)
    const last = units.at(-1)
    if (last === undefined) return
    yield* await readFiles(database, position, units, onlyMissing)
    after = last
  }
}

/** Whether the latest version has a file that is not stored. */
export async function hasMissingFiles(database: Database, repositoryId: string): Promise<boolean> {
  const { repository, version } = await latestOf(database, repositoryId)
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (
      SELECT FROM membership JOIN unit_file ON unit_file.unit = membership.unit JOIN file ON file.id = unit_file.file
      LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL
      WHERE ${isMember(repository, version)} AND blob.sha256 IS NULL) AS found`.execute(database)
  return rows[0]?.found ?? false
}

async function latestOf(database: Database, repositoryId: string): Promise<Position> {
  const row = await database
    .selectFrom('repository')
    .select(['id', 'latest'])
    .where('name', '=', repositoryId)
    .executeTakeFirst()
  if (row === undefined) throw notFound({ repository: repositoryId })
  return { repository: row.id, version: row.latest }
}

function isMember(repository: number, version: number, alias = 'membership') {
  const member = sql.raw(alias)
  return sql`${member}.repository = ${repository} AND ${member}.added_in <= ${version}
    AND (${member}.removed_in IS NULL OR ${member}.removed_in > ${version})`
}

async function readUnitIds(database: Database, position: Position, after: number): Promise<readonly number[]> {
  const { rows } = await sql<{ unit: number }>`
    SELECT unit FROM membership WHERE ${isMember(position.repository, position.version)} AND unit > ${after}
    ORDER BY unit LIMIT ${pageUnits}`.execute(database)
  return rows.map((row) => row.unit)
}

async function readFiles(
  database: Database,
  { repository, version }: Position,
  units: readonly number[],
  onlyMissing: boolean,
): Promise<readonly RepositoryFile[]> {
  const { rows } = await sql<{ id: number; path: string; size: number | null; sha256: Buffer | null }>`
    SELECT file.id, unit_file.path, coalesce(blob.size, file.size) AS size, blob.sha256
    FROM unit_file JOIN file ON file.id = unit_file.file
    LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL
    WHERE unit_file.unit = ANY (${units}::bigint[]) AND (blob.sha256 IS NULL OR NOT ${onlyMissing})
      AND NOT EXISTS (
        SELECT FROM unit_file first JOIN membership also ON also.unit = first.unit AND ${isMember(repository, version, 'also')}
        WHERE first.file = unit_file.file AND (first.unit, first.path) < (unit_file.unit, unit_file.path))
    ORDER BY unit_file.unit, unit_file.path`.execute(database)
  return rows.map(({ id, path, size, sha256 }) => ({
    key: id,
    path,
    size,
    stored: sha256 === null || size === null ? null : { sha256: sha256.toString('hex'), size },
  }))
}

import { sql } from 'kysely'

/** Of a row `unit`, NULL when it has no files: whether all of them are stored. */
export const downloaded = sql<boolean | null>`(
  SELECT bool_and(blob.sha256 IS NOT NULL) FROM unit_file JOIN file ON file.id = unit_file.file
  LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL WHERE unit_file.unit = unit.id)`

/** The same for `UnitStorage.path`; of several files it is the folder. */
export const storagePath = sql<string | null>`(
  SELECT concat_ws('/', 'content/units', content_type.name, unit.wire_id, CASE WHEN count(*) = 1 THEN min(unit_file.path) END)
  FROM unit_file, content_type WHERE unit_file.unit = unit.id AND content_type.id = unit.type GROUP BY content_type.name)`

import { sql } from 'kysely'

/** Conditions over a row `blob`. They hold for a moment only, unless the row is locked and they are asked after that. */
export const unreferenced = sql<boolean>`(
  NOT EXISTS (
    SELECT FROM file JOIN unit_file ON unit_file.file = file.id WHERE file.sha256 = blob.sha256)
  AND NOT EXISTS (SELECT FROM generated_blob WHERE generated_blob.sha256 = blob.sha256))`

export const unreserved = sql<boolean>`(blob.reserved_until IS NULL OR blob.reserved_until <= clock_timestamp())`

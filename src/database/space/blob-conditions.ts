import { sql } from 'kysely'

/** Conditions over a row `blob`. They hold for a moment only, unless the row is locked and they are asked after that. */
const unreferenced = sql<boolean>`(
  NOT EXISTS (
    SELECT FROM file JOIN unit_file ON unit_file.file = file.id WHERE file.sha256 = blob.sha256)
  AND NOT EXISTS (SELECT FROM generated_blob WHERE generated_blob.sha256 = blob.sha256))`

/**
 * What is not stored is worth nothing to those who refer to it: they fetch it anew. It is what a fetch left that died, or a sweep
 * whose file came into use again.
 */
export const unneeded = sql<boolean>`(blob.stored_at IS NULL OR ${unreferenced})`

export const unreserved = sql<boolean>`(blob.reserved_until IS NULL OR blob.reserved_until <= clock_timestamp())`

import { sql, type Transaction } from 'kysely'
import { notFound } from '../../core/errors.ts'
import type { RepositoryVersion } from '../../core/repository-version.ts'
import type { Schema } from '../schema.ts'
import { sweep } from './membership.ts'

/** What the next version of a repository starts from. */
export interface BaseVersion {
  /** Row id of the repository. */
  readonly repository: number
  /** Row id of its importer. */
  readonly importer: number | undefined
  /** The latest one. */
  readonly version: RepositoryVersion
}

interface BaseRow {
  readonly id: number
  readonly latest: number
  readonly importer: number | null
  readonly created: Date
  readonly counts: Readonly<Record<string, number>> | null
  readonly file_bytes: number | null
  readonly pruned: boolean | null
  readonly unfinished: boolean
}

/** Reads it, and sweeps what a run that died has left beyond it. Throws kind `not-found`. */
export async function openBase(transaction: Transaction<Schema>, repositoryId: string): Promise<BaseVersion> {
  const { rows } = await sql<BaseRow>`
    SELECT repository.id, repository.latest, importer.id AS importer, coalesce(version.created, repository.created) AS created,
      version.counts, version.file_bytes, version.pruned,
      EXISTS (SELECT FROM membership WHERE membership.repository = repository.id AND added_in > repository.latest)
        OR EXISTS (SELECT FROM membership WHERE membership.repository = repository.id AND removed_in > repository.latest)
        AS unfinished
    FROM repository LEFT JOIN importer ON importer.repository = repository.id
    LEFT JOIN repository_version AS version
      ON version.repository = repository.id AND version.number = repository.latest
    WHERE repository.name = ${repositoryId}`.execute(transaction)
  const [row] = rows
  if (row === undefined) throw notFound({ repository: repositoryId })
  if (row.unfinished) await sweep(transaction, row.id, row.latest)
  return { repository: row.id, importer: row.importer ?? undefined, version: toVersion(row) }
}

function toVersion({ latest, created, counts, file_bytes, pruned }: BaseRow): RepositoryVersion {
  return { number: latest, created, counts: counts ?? {}, fileBytes: file_bytes ?? 0, pruned: pruned ?? false }
}

/**
 * The statements of serving. Those with a name are prepared once a connection: planning them takes five times as long as
 * running them (design-notes §1.3).
 */

export interface PublicationRow {
  base_path: string
  id: number
  repository: number | null
  version: number
  distributor_type: string
  layout: string
  live_from: Date
}

/** A superseded publication is served only beside a live one: what was taken down is gone at once (pulp2-types §5.9). */
const paths = (condition: string) => `
  SELECT served.base_path, served.id, served.repository, served.version, served.distributor_type, served.layout,
    served.live_from
  FROM live_publication live JOIN publication served ON served.base_path = live.base_path
  WHERE served.live_from IS NOT NULL
    AND (served.id = live.publication OR served.superseded_at > now() - make_interval(secs => $1))
    ${condition}
  ORDER BY served.base_path, served.id <> live.publication, served.superseded_at DESC, served.id DESC`

/** $1 seconds of grace. */
export const allPaths = { name: 'content-all-paths', text: paths('') }

/** $1 seconds of grace, $2 base paths. */
export const somePaths = { name: 'content-some-paths', text: paths('AND live.base_path = ANY ($2::text[])') }

/**
 * Over a row `publication`, $1 a time: whether it was live then. Milliseconds are what clients are told of, and half of what is
 * stored; what was superseded is live up to before the millisecond in which its successor came.
 */
const wasLive = `live_from IS NOT NULL AND date_trunc('milliseconds', live_from) <= $1::timestamptz
  AND (superseded_at IS NULL OR date_trunc('milliseconds', superseded_at) > $1::timestamptz) AND $1::timestamptz <= clock_timestamp()`

export interface FormerRow extends PublicationRow {
  whole: boolean
}

/** $1 a time, $2 base paths. */
export const formerly = {
  name: 'content-formerly',
  text: `
  SELECT publication.base_path, publication.id, publication.repository, publication.version,
    publication.distributor_type, publication.layout, publication.live_from, version.pruned IS NOT TRUE AS whole
  FROM publication LEFT JOIN repository_version AS version
    ON version.repository = publication.repository AND version.number = publication.version
  WHERE publication.base_path = ANY ($2::text[]) AND ${wasLive}
  ORDER BY length(publication.base_path) DESC, publication.id DESC LIMIT 1`,
}

/** $1 a time. */
export const formerBasePaths = {
  name: 'content-former-paths',
  text: `SELECT DISTINCT base_path FROM publication WHERE ${wasLive}`,
}

/** $1 base paths. */
export const keptSince = {
  name: 'content-kept-since',
  text: `
  SELECT clock_timestamp() AS now, min(date_trunc('milliseconds', live_from)) AS since
  FROM publication WHERE base_path = ANY ($1::text[])`,
}

/** $1 publication. */
export const configOf = { name: 'content-config', text: 'SELECT config FROM publication WHERE id = $1' }

export interface FileRow {
  /** Which candidate, from 1. */
  rank: number
  /** Null when nobody knows it before the file was fetched; so with the digest. */
  size: number | null
  /** In hexadecimal. */
  sha256: string | null
  media_type: string | null
  /** Null for a unit file: one whole blob. */
  parts: Buffer | null
  /** Null for a generated file: it is as old as its publication. */
  modified: Date | null
  /** Row id of a unit's file whose bytes are not stored. */
  deferred: number | null
}

/**
 * What is in version `version` of a repository. A unit file is as old as the later of its bytes and its membership, so that
 * another file that comes to stand at the same path is never older.
 */
const member = (repository: string, version: string) => `
  JOIN membership ON membership.unit = unit_file.unit AND membership.repository = ${repository}
    AND membership.added_in <= ${version} AND (membership.removed_in IS NULL OR membership.removed_in > ${version})`

/**
 * What stands at the paths of candidates: $1 publications, $2 their repositories, $3 versions, $4 paths of unit files, $5 paths in the
 * publications. At most one row a candidate.
 */
export const findFiles = {
  name: 'content-find-files',
  text: `
  SELECT candidate.rank, found.size, encode(found.sha256, 'hex') AS sha256, found.media_type, found.parts, found.modified,
    found.deferred
  FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::text[])
    WITH ORDINALITY AS candidate (publication, repository, version, unit_path, path, rank)
  CROSS JOIN LATERAL (
    SELECT 1 AS choice, size, sha256, media_type, parts, NULL::timestamptz AS modified, NULL::bigint AS deferred
    FROM generated_file WHERE publication = candidate.publication AND path = candidate.path
    UNION ALL (
    SELECT 2, coalesce(blob.size, file.size), file.sha256, NULL, NULL, greatest(membership.created, blob.stored_at),
      CASE WHEN blob.sha256 IS NULL THEN file.id END
    FROM unit_file ${member('candidate.repository', 'candidate.version')}
    JOIN file ON file.id = unit_file.file LEFT JOIN blob ON blob.sha256 = file.sha256 AND blob.stored_at IS NOT NULL
    WHERE unit_file.path = candidate.unit_path
    ORDER BY blob.sha256 IS NULL, unit_file.unit LIMIT 1)
    ORDER BY choice LIMIT 1) AS found`,
}

/** True of `column` when it begins with the parameter; a range, so that an index on \`C\` order serves it. */
const beginsWith = (column: string, parameter: string) =>
  `${column} >= ${parameter}::text COLLATE "C" AND ${column} < (${parameter}::text || chr(1114111)) COLLATE "C"`

/** $1 publication, $2 folder. */
export const listGenerated = {
  name: 'content-list-generated',
  text: `SELECT path FROM generated_file WHERE publication = $1 AND ${beginsWith('path', '$2')} ORDER BY path`,
}

/** $1 publication, $2 folder, $3 repository, $4 version, $5 prefix of unit files. */
export const hasFolder = {
  name: 'content-has-folder',
  text: `
  SELECT EXISTS (SELECT FROM generated_file WHERE publication = $1 AND ${beginsWith('path', '$2')})
    OR EXISTS (
      SELECT FROM unit_file ${member('$3', '$4')} WHERE ${beginsWith('unit_file.path', '$5')}) AS found`,
}

/** $1 repository, $2 version, $3 prefix, $4 last path of the page before, $5 limit. Not prepared: the best plan depends on the prefix. */
export const unitFilePage = `
  SELECT DISTINCT unit_file.path FROM unit_file ${member('$1', '$2')}
  WHERE ${beginsWith('unit_file.path', '$3')} AND ($4::text IS NULL OR unit_file.path > $4::text COLLATE "C")
  ORDER BY unit_file.path LIMIT $5`

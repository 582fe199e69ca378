/**
 * What applies to whom (core/applicability.ts): for each profile, repository and content type the wire ids of units. It names profiles
 * by what they hold, for consumers share them.
 */
export const applicabilityTables: readonly string[] = [
  `CREATE TABLE applicability (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    profile_hash bytea NOT NULL,
    profile_type text COLLATE "C" NOT NULL,
    repository integer NOT NULL REFERENCES repository ON DELETE CASCADE,
    content_type text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    units uuid[] NOT NULL,
    UNIQUE (profile_hash, profile_type, repository, content_type))`,
  `CREATE INDEX applicability_repository ON applicability (repository)`,
]

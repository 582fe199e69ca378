/** What alternate content sources have (pulp2-api §9.4). */
export const contentCatalogTables: readonly string[] = [
  `CREATE TABLE content_source (
    name text COLLATE "C" PRIMARY KEY,
    generation bigint,
    refreshed timestamptz,
    taken timestamptz)`,
  `CREATE SEQUENCE content_catalog_generation AS bigint`,
  `CREATE TABLE content_catalog (
    source text COLLATE "C" NOT NULL,
    generation bigint NOT NULL,
    algorithm text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    size bigint,
    url text NOT NULL)`,
  `CREATE INDEX content_catalog_value ON content_catalog (value, algorithm)`,
  `CREATE INDEX content_catalog_source ON content_catalog (source, generation)`,
]

/** What is and was published. */
export const publicationTables: readonly string[] = [
  `CREATE TABLE publication (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    distributor integer NOT NULL REFERENCES distributor ON DELETE CASCADE,
    distributor_type text NOT NULL,
    repository integer NOT NULL REFERENCES repository ON DELETE CASCADE,
    version integer NOT NULL,
    layout text NOT NULL,
    config jsonb NOT NULL,
    base_path text COLLATE "C" NOT NULL,
    task bigint,
    created timestamptz NOT NULL DEFAULT now(),
    dated timestamptz,
    live_from timestamptz,
    superseded_at timestamptz)`,
  `CREATE INDEX publication_base_path ON publication (base_path, id DESC) WHERE live_from IS NOT NULL`,
  `CREATE INDEX publication_distributor ON publication (distributor, id)`,
  `CREATE INDEX publication_repository ON publication (repository, version)`,
  `CREATE TABLE live_publication (
    base_path text COLLATE "C" PRIMARY KEY,
    distributor integer NOT NULL REFERENCES distributor ON DELETE CASCADE,
    publication bigint NOT NULL REFERENCES publication ON DELETE CASCADE)`,
  `CREATE INDEX live_publication_publication ON live_publication (publication)`,
  `CREATE INDEX live_publication_distributor ON live_publication (distributor)`,
  `CREATE TABLE generated_file (
    publication bigint NOT NULL REFERENCES publication ON DELETE CASCADE,
    path text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    media_type text NOT NULL,
    parts bytea NOT NULL,
    PRIMARY KEY (publication, path))`,
  `CREATE TABLE generated_blob (
    sha256 bytea NOT NULL,
    publication bigint NOT NULL REFERENCES publication ON DELETE CASCADE,
    PRIMARY KEY (sha256, publication))`,
  `CREATE TABLE publication_segments (
    publication bigint NOT NULL REFERENCES publication ON DELETE CASCADE,
    set text COLLATE "C" NOT NULL,
    index jsonb NOT NULL,
    PRIMARY KEY (publication, set))`,
  `CREATE INDEX generated_blob_publication ON generated_blob (publication)`,
]

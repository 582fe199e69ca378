/** Units with their files and documents, and the blobs that these are. */
export const unitTables: readonly string[] = [
  `CREATE TABLE content_type (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE)`,
  `CREATE TABLE unit_pack (
    id bigint NOT NULL,
    document text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (id, document))`,
  `ALTER TABLE unit_pack ALTER COLUMN body SET STORAGE EXTERNAL`,
  `CREATE SEQUENCE unit_pack_id AS bigint`,
  `CREATE TABLE unit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type smallint NOT NULL REFERENCES content_type,
    key_hash bytea NOT NULL,
    revision bytea NOT NULL,
    wire_id uuid NOT NULL,
    metadata jsonb NOT NULL,
    file_bytes bigint NOT NULL,
    pack bigint,
    slot smallint,
    updated timestamptz NOT NULL DEFAULT now(),
    UNIQUE (type, key_hash, revision))`,
  `CREATE INDEX unit_wire_id ON unit (wire_id, id DESC)`,
  `CREATE INDEX unit_pack_of ON unit (pack) WHERE pack IS NOT NULL`,
  `CREATE TABLE unit_user_metadata (
    wire_id uuid PRIMARY KEY,
    value jsonb NOT NULL)`,
  `CREATE TABLE blob (
    sha256 bytea PRIMARY KEY,
    size bigint NOT NULL,
    stored_at timestamptz,
    reserved_until timestamptz,
    condemned_at timestamptz)`,
  `CREATE INDEX blob_condemned ON blob (condemned_at) WHERE condemned_at IS NOT NULL`,
  `CREATE TABLE file (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 bytea,
    size bigint)`,
  `CREATE UNIQUE INDEX file_sha256 ON file (sha256) WHERE sha256 IS NOT NULL`,
  `CREATE TABLE file_checksum (
    algorithm text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    file bigint NOT NULL REFERENCES file ON DELETE CASCADE,
    PRIMARY KEY (algorithm, value, file))`,
  `CREATE INDEX file_checksum_file ON file_checksum (file)`,
  `CREATE TABLE unit_file (
    unit bigint NOT NULL REFERENCES unit ON DELETE CASCADE,
    path text COLLATE "C" NOT NULL,
    file bigint NOT NULL REFERENCES file,
    PRIMARY KEY (unit, path))`,
  `CREATE INDEX unit_file_path ON unit_file (path, unit)`,
  `CREATE INDEX unit_file_file ON unit_file (file)`,
  `CREATE TABLE fetch_lease (
    file bigint PRIMARY KEY REFERENCES file ON DELETE CASCADE,
    holder text NOT NULL,
    handle text,
    until timestamptz NOT NULL)`,
]

/** Upload requests (pulp2-api §9.3); their bytes are files. Half empty, since each chunk changes its row. */
export const uploadTables: readonly string[] = [
  `CREATE TABLE upload_request (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    touched timestamptz NOT NULL DEFAULT clock_timestamp()) WITH (fillfactor = 50)`,
]

import pg from 'pg'

const tasks = 1_000_000
const units = 1_000_000
const repositories = 1_000
/** Every name has this many versions, every repository this many tasks of its own. */
export const perName = 5

export const names = units / perName

/** Fills the tables of a server that has started with rows as syncs leave them. Returns the ids of some tasks. */
export async function fillTables(databaseUrl: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
    const { rows } = await client.query<{ task_id: string }>(
      'SELECT task_id FROM task WHERE id % 499 = 0 ORDER BY id LIMIT 2000',
    )
    return rows.map((row) => row.task_id)
  } finally {
    await client.end()
  }
}

const statements = [
  `INSERT INTO repository (name, display_name, notes, latest)
    SELECT 'repository-' || n, 'Repository ' || n, '{"_repo-type": "rpm-repo"}', 1 FROM generate_series(0, ${repositories - 1}) AS n`,
  `INSERT INTO importer (repository, type, config)
    SELECT id, 'yum_importer', jsonb_build_object('feed', 'https://upstream.example/' || name || '/') FROM repository`,
  `INSERT INTO distributor (repository, name, type, config, auto_publish)
    SELECT id, 'yum_distributor', 'yum_distributor', jsonb_build_object('relative_url', name, 'http', true, 'https', true), true
    FROM repository`,
  `INSERT INTO repository_version (repository, number, counts, file_bytes)
    SELECT id, 1, '{"rpm": ${units / repositories}}', 0 FROM repository`,
  `INSERT INTO task (task_id, operation, arguments, tags, state, attempt, worker, created, started, finished, result)
    SELECT gen_random_uuid(), 'sync-repository', jsonb_build_object('repository', 'mirror-' || n / ${perName}),
      ARRAY['repository:mirror-' || n / ${perName}, 'action:sync'], 'finished', 1, 'worker-0@bench.example',
      at, at + interval '1 second', at + interval '3 seconds', '{"added": 12, "updated": 0, "removed": 3}'
    FROM generate_series(0, ${tasks - 1}) AS n, LATERAL (SELECT now() - (${tasks} - n) * interval '50 milliseconds') AS time(at)
    ORDER BY n`,
  `INSERT INTO content_type (name) VALUES ('rpm') ON CONFLICT DO NOTHING`,
  `INSERT INTO unit (type, key_hash, revision, wire_id, metadata, file_bytes)
    SELECT content_type.id, sha256(convert_to('key ' || n, 'UTF8')), sha256(convert_to('revision ' || n, 'UTF8')),
      gen_random_uuid(), jsonb_build_object('name', 'package-' || n / ${perName}, 'epoch', '0', 'version', '1.' || n % ${perName},
        'release', '1.el9', 'arch', 'x86_64', 'checksumtype', 'sha256', 'checksum', encode(sha256(convert_to('' || n, 'UTF8')), 'hex'),
        'filename', format('package-%s-1.%s-1.el9.x86_64.rpm', n / ${perName}, n % ${perName}), 'size', 10000 + n,
        'summary', 'The package ' || n, 'description', repeat('What the package is for. ', 8), 'license', 'MIT',
        'vendor', 'Example', 'buildhost', 'build.example', 'group', 'Unspecified', 'sourcerpm', 'package.src.rpm'),
      10000 + n
    FROM content_type, generate_series(0, ${units - 1}) AS n WHERE content_type.name = 'rpm'`,
  `INSERT INTO membership (repository, unit, identity, name, type, added_in)
    SELECT repository.id, unit.id, unit.wire_id, gen_random_uuid(), unit.type, 1
    FROM (SELECT id, type, wire_id, row_number() OVER (ORDER BY id) - 1 AS n FROM unit) AS unit
    JOIN repository ON repository.name = 'repository-' || unit.n / ${units / repositories}`,
  `VACUUM ANALYZE`,
]

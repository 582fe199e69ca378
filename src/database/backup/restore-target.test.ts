import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { silentLog } from '../../core/log.ts'
import { makeBackup, restoreBackup } from '../../testing/backups.ts'
import { type FreshDatabases, onEachDatabase } from '../../testing/databases.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import type { OpenDatabase } from '../connection.ts'
import { ControlConnection } from '../control-connection.ts'
import { knownMigrations, migrate } from '../migrate.ts'
import { sealingKey } from '../resources/sealing-key.ts'
import { serverMark } from './server-mark.ts'

onEachDatabase('a restore', (fresh) => {
  const stores = suiteBlobs()

  it('runs the migrations of the backup, and then those that are newer', async () => {
    const from = await withRepository(fresh)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const order: string[] = []
    const newer = migration(async (database) => {
      const { rows } = await sql<{ name: string }>`SELECT name FROM repository`.execute(database)
      order.push(...rows.map(({ name }) => name))
      await sql`ALTER TABLE repository ADD COLUMN colour text NOT NULL DEFAULT 'red'`.execute(database)
    })
    const url = await fresh.url()
    await restoreBackup(url, bytes, stores.store, { migrations: { ...knownMigrations, '9999-newer': newer } })
    assert.deepEqual(order, ['zoo'], 'the rows were there before it')
  })

  it('of a newer release is refused, and nothing is made', async () => {
    const from = await withRepository(fresh)
    const newer = { ...knownMigrations, '9999-newer': migration(async () => undefined) }
    await migrate(from.database, { migrations: newer })
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const to = await fresh.open()
    await assert.rejects(restoreBackup(to.url, bytes, stores.store), { kind: 'invalid', message: /9999-newer.*newer/ })
    assert.deepEqual(await names(to), [])
  })

  it('into a database of a newer schema than the backup is refused', async () => {
    const from = await withRepository(fresh)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const migrations = { ...knownMigrations, '9999-newer': migration(async () => undefined) }
    const to = await fresh.open()
    await migrate(to.database, { migrations })
    const refusal = { kind: 'conflict', message: /9999-newer.*newer.*DECKLE_DATA_DIR/ }
    await assert.rejects(restoreBackup(to.url, bytes, stores.store, { migrations }), refusal)
  })

  for (const table of ['repository', 'unit', 'task', 'blob', 'resource']) {
    it(`into a database with rows in ${table} is refused`, async () => {
      const from = await withRepository(fresh)
      const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
      const to = await fresh.open()
      await to.pool.query(contents[table] ?? '')
      const before = (await to.pool.query(`SELECT FROM ${table}`)).rowCount
      const refusal = { kind: 'conflict', message: new RegExp(`table ${table} has rows.*new database`) }
      await assert.rejects(restoreBackup(to.url, bytes, stores.store), refusal)
      assert.equal((await to.pool.query(`SELECT FROM ${table}`)).rowCount, before, 'it is still there')
    })
  }

  it('replaces what the first start of a server has made', async () => {
    const from = await withRepository(fresh)
    await from.pool.query(`INSERT INTO account (login, name, password_hash) VALUES ('admin', 'old', 'x')`)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const to = await fresh.open()
    await to.pool.query(`INSERT INTO account (login, name, password_hash) VALUES ('admin', 'new', 'y')`)
    await restoreBackup(to.url, bytes, stores.store)
    const { rows } = await to.pool.query('SELECT name FROM account')
    assert.deepEqual(rows, [{ name: 'old' }])
  })

  it('brings managed resources back under their keys, with what opens their secrets', async () => {
    const from = await withRepository(fresh)
    const key = await sealingKey(from.database)
    await from.pool.query(contents['resource'] ?? '')
    await from.pool.query(`UPDATE resource SET name = 'Home' WHERE id = 5`)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const to = await fresh.open()
    await to.pool.query(
      `INSERT INTO resource (type, state, identity, data) VALUES ('account', 'active', 'user:ann', '{}')`,
    )
    await restoreBackup(to.url, bytes, stores.store)
    const { rows } = await to.pool.query('SELECT id, type, name FROM resource ORDER BY id')
    assert.deepEqual(
      rows.map((row) => Object.values(row)),
      [
        [1, 'account', 'admin'],
        [5, 'project', 'Home'],
        [6, 'registry', null],
      ],
    )
    assert.deepEqual(await sealingKey(to.database), key)
    const next = await to.pool.query(`${contents['resource']} RETURNING id`)
    assert.deepEqual(next.rows, [{ id: 7 }])
  })

  it('is refused while a server uses the database, and keeps servers out', async () => {
    const from = await withRepository(fresh)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const to = await fresh.open()
    const server = new ControlConnection(to.url, silentLog)
    await server.attach(serverMark)
    await server.open()
    const refusal = { kind: 'conflict', message: /stop every `deckle serve`/ }
    await assert.rejects(restoreBackup(to.url, bytes, stores.store), refusal)
    await server.close()
    let late: Promise<unknown> | undefined
    await restoreBackup(to.url, bytes, stores.store, {
      onTable() {
        late ??= startControl(to.url).catch((error: unknown) => error)
      },
    })
    assert.match(String(await late), /deckle restore/)
  })

  it('that ends half-way leaves nothing, and works when it is run again', async () => {
    const from = await withRepository(fresh)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const to = await fresh.open()
    const interrupted = new AbortController()
    await assert.rejects(
      restoreBackup(to.url, bytes, stores.store, {
        signal: interrupted.signal,
        onTable: (name) => name === 'repository' && interrupted.abort(),
      }),
    )
    assert.deepEqual(await names(to), [])
    await restoreBackup(to.url, bytes, stores.store)
    assert.deepEqual(await names(to), ['zoo'])
  })

  it('of a file that is cut off anywhere changes nothing', async () => {
    const from = await withRepository(fresh)
    await from.pool.query(
      `INSERT INTO blob (sha256, size, stored_at) VALUES (decode('${await storeBlob(stores.store, 'text')}', 'hex'), 4, now())`,
    )
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const to = await fresh.open()
    for (let part = 1; part < 12; part += 1) {
      const cut = bytes.subarray(0, Math.floor(((bytes.length - 2048) * part) / 11))
      await assert.rejects(restoreBackup(to.url, cut, stores.store), /cut off/, `at ${cut.length}`)
    }
    assert.deepEqual(await names(to), [])
  })

  it('gives running tasks back to the queue without a death, and cancels those that were to be cancelled', async () => {
    const from = await fresh.open()
    await from.pool.query(tasks)
    const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder())
    const to = await fresh.open()
    await restoreBackup(to.url, bytes, stores.store)
    const { rows } = await to.pool.query(
      'SELECT operation, state, ready, attempt, deaths, worker_session FROM task ORDER BY id',
    )
    const shown = rows.map((row) => Object.values(row).join(' '))
    assert.deepEqual(shown, [
      'cut-off waiting true 3 1 ',
      'behind waiting false 0 0 ',
      'to-be-cancelled canceled false 1 0 ',
      'its-successor waiting true 0 0 ',
      'finished finished false 1 0 ',
    ])
    const places = await to.pool.query('SELECT task FROM task_resource ORDER BY task')
    assert.deepEqual(
      places.rows.map(({ task }) => task),
      [1, 2, 4],
    )
    assert.equal((await to.pool.query('SELECT FROM worker')).rowCount, 0)
    assert.equal((await to.pool.query('SELECT FROM fetch_lease')).rowCount, 0)
  })

  it('keeps the identity of the blob store that it writes to, and takes over that of a shared one', async () => {
    const from = await fresh.open()
    await from.pool.query(`INSERT INTO server_state VALUES ('blob_store', '"from"'), ('other', '"from"')`)
    for (const [withBlobs, expected] of [
      [true, 'to'],
      [false, 'from'],
    ] as const) {
      const { bytes } = await makeBackup(from.url, stores.store, await temporaryFolder(), { withBlobs })
      const to = await fresh.open()
      await to.pool.query(`INSERT INTO server_state VALUES ('blob_store', '"to"')`)
      await restoreBackup(to.url, bytes, stores.store)
      const { rows } = await to.pool.query('SELECT name, value FROM server_state ORDER BY name')
      assert.deepEqual(rows, [
        { name: 'blob_store', value: expected },
        { name: 'other', value: 'from' },
      ])
    }
  })
})

const contents: Readonly<Record<string, string>> = {
  repository: `INSERT INTO repository (name, notes) VALUES ('here', '{}')`,
  unit: `WITH kind AS (INSERT INTO content_type (name) VALUES ('here') RETURNING id)
    INSERT INTO unit (type, key_hash, revision, wire_id, metadata, file_bytes)
    SELECT id, '', '', gen_random_uuid(), '{}', 0 FROM kind`,
  task: `INSERT INTO task (task_id, operation, arguments, tags, state)
    VALUES (gen_random_uuid(), 'here', '{}', '{}', 'finished')`,
  blob: `INSERT INTO blob (sha256, size) VALUES ('here', 4)`,
  resource: `INSERT INTO resource (type, owner, state, data) VALUES ('registry', 5, 'active', '{}')`,
}

const tasks = `
  INSERT INTO task (task_id, operation, arguments, tags, resources, state, ready, attempt, deaths, worker_session, cancel_requested)
  VALUES
    (gen_random_uuid(), 'cut-off', '{}', '{}', '{a}', 'running', true, 3, 1, 7, false),
    (gen_random_uuid(), 'behind', '{}', '{}', '{a}', 'waiting', false, 0, 0, NULL, false),
    (gen_random_uuid(), 'to-be-cancelled', '{}', '{}', '{b}', 'running', true, 1, 0, 7, true),
    (gen_random_uuid(), 'its-successor', '{}', '{}', '{b}', 'waiting', false, 0, 0, NULL, false),
    (gen_random_uuid(), 'finished', '{}', '{}', '{c}', 'finished', false, 1, 0, NULL, false);
  INSERT INTO task_resource (resource, task) VALUES ('a', 1), ('a', 2), ('b', 3), ('b', 4);
  INSERT INTO worker (session, name) VALUES (7, 'worker');
  INSERT INTO file (size) VALUES (1);
  INSERT INTO fetch_lease (file, holder, until) SELECT id, 'somebody', now() FROM file`

function migration(up: NonNullable<Migration['up']>): Migration {
  return { up }
}

async function withRepository(fresh: FreshDatabases): Promise<OpenDatabase> {
  const opened = await fresh.open()
  await opened.pool.query(`INSERT INTO repository (name, notes) VALUES ('zoo', '{}')`)
  return opened
}

async function names({ pool }: OpenDatabase): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM repository ORDER BY name')
  return rows.map(({ name }) => name)
}

async function startControl(url: string): Promise<void> {
  const control = new ControlConnection(url, silentLog)
  await control.attach(serverMark)
  await control.open()
  await control.close()
}

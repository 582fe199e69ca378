import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { silentLog } from '../src/core/log.ts'
import { type OpenDatabase, openDatabase } from '../src/database/connection.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { adminPassword } from './support/deckle-server.ts'
import { memoryOf } from './support/processes.ts'
import { isLong } from './support/project.ts'
import { sharedServer } from './support/servers.ts'

const units = isLong ? 1_000_000 : 20_000
/** MB that an answer may make the server hold more, whatever its length (DESIGN §5). */
const most = 50

const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`

onOneDatabase(`a list of ${units} units`, (fresh) => {
  const server = sharedServer({ ...fresh, preparedUrl: freshFilled }, () => ({ DECKLE_WORKERS: '1' }))
  let opened: OpenDatabase | undefined
  before(() => (opened === undefined ? undefined : fill(opened)))
  after(() => opened?.close())

  async function freshFilled(): Promise<string> {
    const url = await fresh.preparedUrl()
    opened = openDatabase(url, silentLog, 2)
    return url
  }

  const filters = encodeURIComponent('{"size": {"$gte": 0}}')
  for (const path of [
    'content/units/iso/',
    `content/units/iso/search/?filters=${filters}&field=name`,
    'repositories/large/search/units/?type_ids=iso',
  ]) {
    test(`is printed whole in little memory by GET ${path}`, async (t) => {
      await (await open('content/units/iso/search/?limit=1')).resume()
      const base = await settledMemory(server().pid)
      const items = await countItems(await open(path))
      const extra = memoryOf(server().pid).peak - base
      t.diagnostic(`${items} units, ${extra.toFixed(1)} MB more`)
      assert.equal(items, units)
      assert.ok(extra <= most, `${extra} MB more`)
    })
  }

  async function open(path: string): Promise<IncomingMessage> {
    const sent = request(`${server().url}/pulp/api/v2/${path}`, { headers: { authorization }, agent: false })
    sent.end()
    const [response] = await once(sent, 'response')
    assert.equal(response.statusCode, 200)
    return response
  }
})

/** To the end, without keeping it. */
async function countItems(response: IncomingMessage): Promise<number> {
  const mark = '"_content_type_id":"iso"'
  let [items, rest] = [0, '']
  for await (const chunk of response) {
    const text = rest + String(chunk)
    items += text.split(mark).length - 1
    rest = text.slice(-mark.length + 1)
  }
  assert.ok(response.complete)
  return items
}

async function fill({ database }: OpenDatabase): Promise<void> {
  await sql`
    INSERT INTO unit (type, key_hash, revision, wire_id, metadata, file_bytes)
    SELECT content_type.id, hash, hash, encode(substr(hash, 1, 16), 'hex')::uuid,
      jsonb_build_object('name', 'file-' || n, 'checksum', encode(hash, 'hex'), 'size', n, 'text', repeat('x', 500)), n
    FROM content_type, generate_series(1, ${units}::integer) AS n, sha256(n::text::bytea) AS hash
    WHERE content_type.name = 'iso'`.execute(database)
  await sql`INSERT INTO repository (name, notes, latest) VALUES ('large', '{}', 1)`.execute(database)
  await sql`
    INSERT INTO repository_version (repository, number, counts, file_bytes)
    SELECT id, 1, jsonb_build_object('iso', ${units}::integer), 0 FROM repository`.execute(database)
  await sql`
    INSERT INTO membership (repository, unit, identity, name, type, added_in)
    SELECT repository.id, unit.id, unit.wire_id, unit.wire_id, unit.type, 1 FROM repository, unit`.execute(database)
  await sql`VACUUM ANALYZE unit, membership`.execute(database)
}

/** Megabytes that it holds now; its peak counts from here on. */
async function settledMemory(pid: number): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  return memoryOf(pid).now
}

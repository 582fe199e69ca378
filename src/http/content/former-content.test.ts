import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { silentLog } from '../../core/log.ts'
import type { OpenDatabase } from '../../database/connection.ts'
import { ControlConnection } from '../../database/control-connection.ts'
import { PostgresPublishedContent } from '../../database/published-content.ts'
import { ContentResolver } from '../../operations/resolve-content.ts'
import { contentPlugins } from '../../testing/content-plugins.ts'
import { type ContentServer, contentServer } from '../../testing/content-server.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { insertRepository, insertUnitFile, publish, type TestRepository } from '../../testing/publications.ts'
import { storeBlob, suiteBlobs } from '../../testing/suite-blobs.ts'
import { createContentHandler } from './content-handler.ts'

const zoo = '/pulp/repos/zoo'
const times = ['2026-01-01', '2026-01-02', '2026-01-03']

/** Version n holds `shared` and a package of its own; its index says which. Each was live for a day, the last one since. */
onEachDatabase('content of a time that is past', (fresh) => {
  const held = suiteBlobs()
  let opened: OpenDatabase
  let control: ControlConnection
  let at: TestRepository
  let resolver: ContentResolver
  let server: ContentServer

  before(async () => {
    opened = await fresh.open()
    control = new ControlConnection(opened.url, silentLog)
    await control.open()
    at = await insertRepository(opened.database)
    await versions(at, times.length)
    const content = new PostgresPublishedContent({ pool: opened.pool, control })
    resolver = await ContentResolver.open({ content, plugins: contentPlugins, log: silentLog })
    server = await contentServer(createContentHandler({ resolver, blobs: held.store, log: silentLog }))
  })
  after(async () => {
    server.close()
    resolver.close()
    await control.close()
  })

  async function versions(of: TestRepository, count: number, basePath = zoo): Promise<void> {
    await stored({ path: 'shared.rpm', content: sharedIn(of), addedIn: 1 }, of)
    for (let number = 1; number <= count; number++) {
      const own = { path: `own-${number}.rpm`, content: ownOf(of, number), addedIn: number }
      await stored({ ...own, removedIn: number + 1 }, of)
      await opened.database
        .insertInto('repository_version')
        .values({ repository: of.repository, number, task: null, counts: '{}', file_bytes: 0 })
        .execute()
      await storeBlob(held.store, `index ${number}`)
      const files = [{ path: 'repodata/index', content: `index ${number}` }]
      const id = await publish(opened.database, of, { basePath, version: number, files })
      const [liveFrom, superseded] = [times[number - 1], times[number]]
      await opened.pool.query('UPDATE publication SET live_from = $2, superseded_at = $3 WHERE id = $1', [
        id,
        `${liveFrom}T12:00:00.0009Z`,
        superseded === undefined || number === count ? null : `${superseded}T12:00:00Z`,
      ])
    }
  }

  async function stored(file: Parameters<typeof insertUnitFile>[2], of = at): Promise<void> {
    await storeBlob(held.store, file.content)
    await insertUnitFile(opened.database, of, file)
  }

  const get = async (path: string, time: string, options: Parameters<ContentServer['ask']>[1] = {}) => {
    const { status, body, headers } = await server.ask(`${path}?at=${time}`, options)
    return { status, text: String(body), headers }
  }

  it('is what was live then, from its first millisecond to the next one', async () => {
    const expected = [
      ['2026-01-01T12:00:00Z', 'index 1'],
      ['2026-01-02T11:59:59.999Z', 'index 1'],
      ['2026-01-02T12:00:00Z', 'index 2'],
      ['2026-01-03T13:00:00%2B02:00', 'index 2'],
      ['2026-01-03T14:00:00+02:00', 'index 3'],
      ['2026-05-05T00:00:00', 'index 3'],
    ] as const
    for (const [time, index] of expected) {
      assert.deepEqual((await get(`${zoo}/repodata/index`, time)).text, index, time)
    }
  })

  it('has the files of units of its version, and no others', async () => {
    const [second, third] = ['2026-01-02T15:00:00Z', '2026-01-03T15:00:00Z']
    assert.equal((await get(`${zoo}/own-2.rpm`, second)).text, ownOf(at, 2))
    assert.equal((await get(`${zoo}/shared.rpm`, second)).text, sharedIn(at))
    assert.equal((await get(`${zoo}/own-2.rpm`, third)).status, 404)
    assert.equal((await get(`${zoo}/own-3.rpm`, second)).status, 404)
  })

  it('is given in parts, described by HEAD and compared with the copy of a client', async () => {
    const [path, time] = [`${zoo}/own-1.rpm`, '2026-01-01T15:00:00Z']
    const whole = await get(path, time)
    const part = await get(path, time, { headers: { range: 'bytes=2-5' } })
    assert.deepEqual([part.status, part.text], [206, whole.text.slice(2, 6)])
    const head = await get(path, time, { method: 'HEAD' })
    const facts = ['content-length', 'etag', 'last-modified', 'content-type', 'cache-control']
    assert.deepEqual(
      facts.map((name) => head.headers[name]),
      facts.map((name) => whole.headers[name]),
    )
    const again = await get(path, time, { headers: { 'if-none-match': String(whole.headers['etag']) } })
    assert.equal(again.status, 304)
  })

  it('does not show in what is served now, however often it was asked for', async () => {
    const path = `${zoo}/repodata/index`
    for (let turn = 0; turn < 4; turn++) {
      const [former, present] = [await get(path, '2026-01-01T15:00:00Z'), await server.ask(path)]
      assert.deepEqual([former.text, String(present.body)], ['index 1', 'index 3'])
      assert.notEqual(former.headers['etag'], present.headers['etag'])
      assert.deepEqual([former.headers['cache-control'], present.headers['cache-control']], ['no-cache', 'no-cache'])
    }
  })

  it('is listed as it was, and the links lead on into the past', async () => {
    const time = '2026-01-02T15:00:00.000Z'
    const { text } = await get(`${zoo}/`, time)
    for (const name of ['own-2.rpm', 'repodata/', 'shared.rpm', '../']) assert.match(text, linkTo(name, time))
    assert.doesNotMatch(text, /own-[13]/)
    const folder = await get(`${zoo}/repodata`, time)
    assert.deepEqual([folder.status, folder.headers['location']], [301, `${zoo}/repodata/?at=${time}`])
  })

  it('is listed above the repositories, with those that there were', async () => {
    const other = await insertRepository(opened.database)
    await versions(other, 1, '/pulp/repos/later')
    await opened.pool.query(
      `UPDATE publication SET live_from = '2026-01-02T00:00:00Z' WHERE base_path = '/pulp/repos/later'`,
    )
    const [first, second] = ['2026-01-01T15:00:00Z', '2026-01-02T15:00:00Z']
    assert.doesNotMatch((await get('/pulp/repos/', first)).text, /later/)
    assert.match((await get('/pulp/repos/', second)).text, /\.\/later\//)
    assert.deepEqual((await get('/pulp/repos/listing', first)).text, 'zoo')
    assert.deepEqual((await get('/pulp/repos/listing', second)).text, 'later\nzoo')
  })

  it('is looked for below the longest path that served something then', async () => {
    const inner = await insertRepository(opened.database)
    await versions(inner, 2, `${zoo}/repodata`)
    const path = `${zoo}/repodata/index`
    assert.equal((await get(path, '2026-01-01T15:00:00Z')).status, 404)
    await opened.pool.query(
      `UPDATE publication SET live_from = '2026-02-01T00:00:00Z' WHERE base_path = $1 AND superseded_at IS NULL`,
      [`${zoo}/repodata`],
    )
    await opened.pool.query(`DELETE FROM publication WHERE base_path = $1 AND superseded_at IS NOT NULL`, [
      `${zoo}/repodata`,
    ])
    assert.equal((await get(path, '2026-01-01T15:00:00Z')).text, 'index 1')
  })

  it('says why there is nothing: before the first, not yet, never', async () => {
    const before = await get(`${zoo}/repodata/index`, '2025-12-31T00:00:00Z')
    assert.deepEqual([before.status, before.headers['cache-control']], [404, 'no-store'])
    assert.match(before.text, /2025-12-31.*not kept.*2026-01-01T12:00:00\.000Z/)
    const later = await get(`${zoo}/repodata/index`, '2999-01-01T00:00:00Z')
    assert.deepEqual([later.status, /not come yet/.test(later.text)], [404, true])
    const never = await get('/pulp/repos/none/x', '2026-01-01T15:00:00Z')
    assert.deepEqual([never.status, never.text], [404, 'Nothing that was published here is kept\n'])
  })

  it('cannot be asked about a time that is none', async () => {
    const answer = await get(`${zoo}/repodata/index`, 'yesterday')
    assert.deepEqual([answer.status, answer.headers['cache-control']], [400, 'no-store'])
  })

  it('goes with its publication, and says so where units of it were deleted', async () => {
    const repository = await insertRepository(opened.database)
    const path = '/pulp/repos/gone'
    await versions(repository, 2, path)
    const time = '2026-01-01T15:00:00Z'
    assert.equal((await get(`${path}/own-1.rpm`, time)).status, 200)
    const { rows } = await opened.pool.query(
      'DELETE FROM membership WHERE repository = $1 AND added_in = 1 AND removed_in = 2 RETURNING unit',
      [repository.repository],
    )
    assert.equal(rows.length, 1)
    await opened.pool.query('UPDATE repository_version SET pruned = true WHERE repository = $1 AND number = 1', [
      repository.repository,
    ])
    const pruned = await get(`${path}/own-1.rpm`, time)
    assert.deepEqual([pruned.status, /deleted as orphans/.test(pruned.text)], [404, true])
    assert.equal((await get(`${path}/shared.rpm`, time)).text, sharedIn(repository))
    await opened.pool.query('DELETE FROM publication WHERE base_path = $1 AND version = 1', [path])
    const gone = await get(`${path}/repodata/index`, time)
    assert.deepEqual([gone.status, /not kept/.test(gone.text)], [404, true])
  })
})

function ownOf({ repository }: TestRepository, number: number): string {
  return `own ${number} of ${repository} `.repeat(50)
}

function sharedIn({ repository }: TestRepository): string {
  return `shared in ${repository}`
}

function linkTo(name: string, time: string): RegExp {
  return new RegExp(`href="(\\./)?${name.replaceAll('.', '\\.')}\\?at=${time.replaceAll('.', '\\.')}"`)
}

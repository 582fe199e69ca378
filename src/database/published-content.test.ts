import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { sha256Hex } from '../core/digest.ts'
import { silentLog } from '../core/log.ts'
import { isDeferred, type PublishedPath, type ServedPublication } from '../core/publication.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { insertRepository, insertUnitFile, publish, type TestRepository } from '../testing/publications.ts'
import type { OpenDatabase } from './connection.ts'
import { ControlConnection } from './control-connection.ts'
import { PostgresPublishedContent } from './published-content.ts'

onEachDatabase('PostgresPublishedContent', (fresh) => {
  let opened: OpenDatabase
  let content: PostgresPublishedContent
  let at: TestRepository

  before(async () => {
    opened = await fresh.open()
    content = contentOf(opened)
    at = await insertRepository(opened.database)
  })

  const live = async (basePath: string): Promise<ServedPublication> => {
    const [path] = await content.basePaths([basePath])
    const [publication] = path?.publications ?? []
    assert.ok(publication, `nothing is live at ${basePath}`)
    return publication
  }

  describe('basePaths', () => {
    it('puts the live publication first and superseded ones after it, newest first', async () => {
      const ids: number[] = []
      for (let count = 0; count < 3; count++)
        ids.push(await publish(opened.database, at, { basePath: '/pulp/t/order' }))
      assert.deepEqual(idsOf(await content.basePaths(['/pulp/t/order'])), ids.toReversed())
    })

    it('orders superseded ones by the moment they were superseded after a roll-back', async () => {
      const basePath = '/pulp/t/back'
      const first = await publish(opened.database, at, { basePath })
      const second = await publish(opened.database, at, { basePath })
      const third = await publish(opened.database, at, { basePath })
      await opened.database
        .updateTable('live_publication')
        .set({ publication: first })
        .where('base_path', '=', basePath)
        .execute()
      await sql`UPDATE publication SET superseded_at = clock_timestamp() WHERE id = ${third}`.execute(opened.database)
      assert.deepEqual(idsOf(await content.basePaths([basePath])), [first, third, second])
    })

    it('drops superseded ones after their grace', async () => {
      const basePath = '/pulp/t/grace'
      const old = await publish(opened.database, at, { basePath })
      const now = await publish(opened.database, at, { basePath })
      await sql`UPDATE publication SET superseded_at = now() - interval '59 minutes' WHERE id = ${old}`.execute(
        opened.database,
      )
      assert.deepEqual(idsOf(await content.basePaths([basePath])), [now, old])
      await sql`UPDATE publication SET superseded_at = now() - interval '61 minutes' WHERE id = ${old}`.execute(
        opened.database,
      )
      assert.deepEqual(idsOf(await content.basePaths([basePath])), [now])
    })

    it('serves nothing where nothing is live, even within grace', async () => {
      const basePath = '/pulp/t/down'
      await publish(opened.database, at, { basePath })
      await publish(opened.database, at, { basePath })
      await opened.database.deleteFrom('live_publication').where('base_path', '=', basePath).execute()
      assert.deepEqual(await content.basePaths([basePath]), [])
    })

    it('lists every base path when asked for all, and only those asked for otherwise', async () => {
      await publish(opened.database, at, { basePath: '/pulp/t/one' })
      await publish(opened.database, at, { basePath: '/pulp/t/two' })
      const all = (await content.basePaths()).map(({ basePath }) => basePath)
      assert.ok(all.includes('/pulp/t/one') && all.includes('/pulp/t/two'))
      const some = await content.basePaths(['/pulp/t/two', '/pulp/t/none'])
      assert.deepEqual(
        some.map(({ basePath }) => basePath),
        ['/pulp/t/two'],
      )
    })

    it('does not show a publication that is still being made', async () => {
      const basePath = '/pulp/t/draft'
      const id = await publish(opened.database, at, { basePath })
      const draft = await publish(opened.database, at, { basePath })
      await sql`UPDATE publication SET live_from = NULL, superseded_at = NULL WHERE id = ${draft}`.execute(
        opened.database,
      )
      await sql`UPDATE live_publication SET publication = ${id} WHERE base_path = ${basePath}`.execute(opened.database)
      assert.deepEqual(idsOf(await content.basePaths([basePath])), [id])
    })
  })

  describe('find', () => {
    it('finds a generated file with its rope, as old as its publication', async () => {
      const basePath = '/pulp/t/generated'
      const rope = [
        { sha256: sha256Hex('abc'), offset: 1, length: 2 },
        { sha256: sha256Hex('def'), offset: 0, length: 1 },
      ]
      await publish(opened.database, at, { basePath, files: [{ path: 'x/index', content: 'bcd', rope }] })
      const publication = await live(basePath)
      assert.deepEqual(await content.find([{ publication, unitFile: 'x/index' }], 'x/index'), {
        size: 3,
        sha256: sha256Hex('bcd'),
        mediaType: 'text/plain',
        rope,
        lastModified: publication.liveFrom,
      })
    })

    it('finds a unit file under the name that the layout gives it, only in the versions that hold it', async () => {
      const repository = await insertRepository(opened.database)
      const file = { path: 'a.rpm', content: 'package a', addedIn: 2, removedIn: 4 }
      await insertUnitFile(opened.database, repository, file)
      const found: unknown[] = []
      for (const version of [1, 2, 3, 4]) {
        const basePath = `/pulp/t/version-${version}`
        await publish(opened.database, repository, { basePath, version })
        const publication = await live(basePath)
        found.push(await content.find([{ publication, unitFile: 'a.rpm' }], 'Packages/a/a.rpm'))
      }
      const [first, second, third, fourth] = found as ({ sha256: string } | undefined)[]
      assert.deepEqual([first, fourth], [undefined, undefined])
      assert.deepEqual([second?.sha256, third?.sha256], [sha256Hex('package a'), sha256Hex('package a')])
    })

    it('does not find a unit file of another repository, nor one by a path that the layout does not place', async () => {
      const basePath = '/pulp/t/foreign'
      const other = await insertRepository(opened.database)
      await insertUnitFile(opened.database, other, { path: 'foreign.rpm', content: 'foreign' })
      await insertUnitFile(opened.database, at, { path: 'own.rpm', content: 'own' })
      await publish(opened.database, at, { basePath })
      const publication = await live(basePath)
      assert.equal(await content.find([{ publication, unitFile: 'foreign.rpm' }], 'foreign.rpm'), undefined)
      assert.equal(await content.find([{ publication, unitFile: undefined }], 'own.rpm'), undefined)
    })

    it('says that a unit file is missing when its bytes are not stored', async () => {
      const basePath = '/pulp/t/missing'
      await insertUnitFile(opened.database, at, { path: 'lazy.rpm', content: 'not fetched yet', stored: false })
      await publish(opened.database, at, { basePath })
      const publication = await live(basePath)
      const found = await content.find([{ publication, unitFile: 'lazy.rpm' }], 'lazy.rpm')
      assert.ok(found !== undefined && isDeferred(found) && found.fileKey > 0)
    })

    it('dates a unit file by its bytes or by its membership, whichever came later', async () => {
      const basePath = '/pulp/t/dates'
      const repository = await insertRepository(opened.database)
      await insertUnitFile(opened.database, repository, { path: 'dated', content: 'dated' })
      await publish(opened.database, repository, { basePath })
      const publication = await live(basePath)
      const date = async (stored: string, joined: string) => {
        await sql`UPDATE blob SET stored_at = ${stored} WHERE sha256 = ${Buffer.from(sha256Hex('dated'), 'hex')}`.execute(
          opened.database,
        )
        await sql`UPDATE membership SET created = ${joined} WHERE repository = ${repository.repository}`.execute(
          opened.database,
        )
        const found = await content.find([{ publication, unitFile: 'dated' }], 'dated')
        return typeof found === 'object' ? found.lastModified.toISOString() : found
      }
      assert.equal(await date('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'), '2026-02-01T00:00:00.000Z')
      assert.equal(await date('2026-03-01T00:00:00Z', '2026-02-01T00:00:00Z'), '2026-03-01T00:00:00.000Z')
    })

    it('prefers a generated file to a unit file, and an earlier candidate to a later one', async () => {
      const basePath = '/pulp/t/prefer'
      const file = (content: string) => ({ path: 'same', content })
      await insertUnitFile(opened.database, at, { path: 'same', content: 'of a unit' })
      await publish(opened.database, at, { basePath, files: [file('first')] })
      const older = await live(basePath)
      await publish(opened.database, at, { basePath, files: [file('second')] })
      const newer = await live(basePath)
      const find = async (...publications: ServedPublication[]) => {
        const candidates = publications.map((publication) => ({ publication, unitFile: 'same' }))
        const found = await content.find(candidates, 'same')
        return typeof found === 'object' ? found.sha256 : found
      }
      assert.equal(await find(newer, older), sha256Hex('second'))
      assert.equal(await find(older, newer), sha256Hex('first'))
    })
  })

  describe('folders', () => {
    let publication: ServedPublication

    before(async () => {
      const basePath = '/pulp/t/folders'
      const repository = await insertRepository(opened.database)
      for (const path of ['images/boot.iso', 'images/z', 'imagesx', 'b.rpm', 'a.rpm', 'é.rpm']) {
        await insertUnitFile(opened.database, repository, { path, content: path })
      }
      await insertUnitFile(opened.database, repository, { path: 'gone.rpm', content: 'gone', addedIn: 1, removedIn: 2 })
      const files = ['repodata/repomd.xml', 'repodata/a', 'repodata-old'].map((path) => ({ path, content: path }))
      await publish(opened.database, repository, { basePath, files, version: 2 })
      publication = await live(basePath)
    })

    const list = async (folder: string, prefix: string | undefined, of = content) => {
      const { generated, unitFiles } = await of.list(publication, folder, prefix)
      return { generated, unitFiles: await Array.fromAsync(unitFiles) }
    }

    it('lists what is below the root, sorted bytewise, without what was removed', async () => {
      assert.deepEqual(await list('', ''), {
        generated: ['repodata-old', 'repodata/a', 'repodata/repomd.xml'],
        unitFiles: ['a.rpm', 'b.rpm', 'images/boot.iso', 'images/z', 'imagesx', 'é.rpm'],
      })
    })

    it('lists only what begins with the folder or the prefix', async () => {
      assert.deepEqual(await list('repodata/', undefined), {
        generated: ['repodata/a', 'repodata/repomd.xml'],
        unitFiles: [],
      })
      assert.deepEqual(await list('images/', 'images/'), {
        generated: [],
        unitFiles: ['images/boot.iso', 'images/z'],
      })
    })

    it('lists the same in pages of any size', async () => {
      const { unitFiles } = await list('', '')
      for (const pageSize of [1, 2, 3, 6, 7]) {
        assert.deepEqual((await list('', '', contentOf(opened, pageSize))).unitFiles, unitFiles)
      }
    })

    it('knows which folders there are', async () => {
      const cases: [string, string | undefined, boolean][] = [
        ['repodata/', undefined, true],
        ['repodata/a/', undefined, false],
        ['images/', 'images/', true],
        ['image/', 'image/', false],
        ['gone', 'gone', false],
      ]
      for (const [folder, prefix, expected] of cases) {
        assert.equal(await content.hasFolder(publication, folder, prefix), expected, folder)
      }
    })
  })

  describe('watch', () => {
    it('tells each switched base path, and that some may have been missed when the connection was lost', async () => {
      const control = new ControlConnection(opened.url, silentLog)
      await control.open()
      const heard: (string | undefined)[] = []
      let wake = () => {}
      const watch = await new PostgresPublishedContent({ pool: opened.pool, control }).watch((path) => {
        heard.push(path)
        wake()
      })
      const until = async (condition: () => boolean) => {
        while (!condition()) await new Promise<void>((resolve) => (wake = resolve))
      }
      await publish(opened.database, at, { basePath: '/pulp/t/heard' })
      await until(() => heard.includes('/pulp/t/heard'))
      heard.length = 0
      control.drop()
      await until(() => heard.includes(undefined))
      await publish(opened.database, at, { basePath: '/pulp/t/again' })
      await until(() => heard.includes('/pulp/t/again'))
      watch.close()
      await control.close()
    })
  })
})

function contentOf(opened: OpenDatabase, pageSize = 5000): PostgresPublishedContent {
  return new PostgresPublishedContent({
    pool: opened.pool,
    control: new ControlConnection(opened.url, silentLog),
    pageSize,
  })
}

function idsOf(paths: readonly PublishedPath[]): number[] {
  return paths.flatMap(({ publications }) => publications.map(({ id }) => id))
}

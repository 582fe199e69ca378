import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { RepositoryFile } from '../../core/deferred-file.ts'
import { type Digest, type Measured, sha256Hex } from '../../core/digest.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { thingType } from '../../testing/catalog.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresBlobCatalog } from '../space/postgres-blob-catalog.ts'
import { registerContentTypes } from '../units/content-type-ids.ts'
import { PostgresVersionStore } from '../versions/version-store.ts'
import { PostgresDeferredFileStore } from './postgres-deferred-file-store.ts'

const host = 'http://up.test'

function aThing(name: string, digests: readonly Digest[] = [sha256(name)], urls = [`${host}/${name}`]): DiscoveredUnit {
  const file = { path: `${name}.bin`, size: name.length, digests, urls }
  return { type: 'thing', key: { name }, metadata: { name }, files: [file] }
}

function sha256(content: string): Digest {
  return { algorithm: 'sha256', value: sha256Hex(content) }
}

/** Any 40 digits: nobody looks at the bytes here. */
function sha1(seed: string): Digest {
  return { algorithm: 'sha1', value: sha256Hex(`sha1 of ${seed}`).slice(0, 40) }
}

function blob(content: string): Measured {
  return { sha256: sha256Hex(content), size: content.length }
}

onEachDatabase('deferred files', (fresh) => {
  let opened: OpenDatabase
  let versions: PostgresVersionStore
  let repositories: PostgresRepositoryStore
  let files: PostgresDeferredFileStore

  before(async () => {
    opened = await fresh.open()
    const types = await registerContentTypes(opened.database, [thingType])
    versions = new PostgresVersionStore(opened.database, opened.pool, types)
    repositories = new PostgresRepositoryStore(opened.database)
    files = new PostgresDeferredFileStore(opened.database)
  })

  let count = 0
  /** A repository that holds these units, with nothing fetched. */
  async function aRepository(...units: readonly DiscoveredUnit[]): Promise<string> {
    count += 1
    const id = `repository-${count}`
    const importer = { type: 'thing_importer', config: { feed: host, of: id } }
    await repositories.create({ id, displayName: null, description: null, notes: {} }, importer, [])
    await sync(id, ...units)
    return id
  }

  async function sync(id: string, ...units: readonly DiscoveredUnit[]) {
    const draft = await versions.open(id, await runningTask(opened.database))
    await draft.examine(units)
    await draft.add(units.map((unit) => ({ unit, fetched: new Map() })))
    return (await draft.commit()).version
  }

  const missing = (id: string) => Array.fromAsync(files.ofRepository(id, 'missing'))
  const all = (id: string) => Array.fromAsync(files.ofRepository(id, 'all'))
  const keys = (list: readonly RepositoryFile[]) => list.map(({ key }) => key)

  /** A repository with one file that is not stored. */
  async function aFile(name: string, ...digests: readonly Digest[]) {
    const repository = await aRepository(aThing(name, digests.length === 0 ? [sha256(name)] : digests))
    return { repository, key: await keyIn(repository) }
  }

  async function keyIn(repository: string): Promise<number> {
    const [file] = await all(repository)
    assert.ok(file !== undefined)
    return file.key
  }

  /** As a fetch does: the bytes were written under a reservation. */
  async function complete(key: number, holder: string, fetched: Measured): Promise<void> {
    await new PostgresBlobCatalog(opened.database).reserve([fetched])
    await files.complete(key, holder, fetched)
  }

  /** Lets everything that was leased up to now run out. */
  const expire = () => opened.pool.query("UPDATE fetch_lease SET until = clock_timestamp() - interval '1 ms'")

  it('says what is expected of a file and where it can be fetched', async () => {
    const { key, repository } = await aFile('known', sha256('known'), sha1('known'))
    const importer = await repositories.importer(repository)
    assert.deepEqual(await files.get(key), {
      key,
      expected: { digests: [sha256('known'), sha1('known')], size: 5 },
      sources: [
        {
          url: `${host}/known`,
          importerKey: importer?.key,
          importerType: 'thing_importer',
          config: { feed: host, of: repository },
        },
      ],
    })
    assert.equal(await files.get(0), undefined)
  })

  it('expects nothing of a file that upstream says nothing of', async () => {
    const [file] = [{ path: 'bare.bin', digests: [], urls: [`${host}/bare`] }]
    const repository = await aRepository({ ...aThing('bare'), files: [file] })
    assert.deepEqual((await files.get(await keyIn(repository)))?.expected, { digests: [] })
  })

  it('orders sources by their rank, then by the age of the importer', async () => {
    const first = await aRepository(aThing('ranked', undefined, ['http://a.test/x', 'http://b.test/x']))
    await aRepository(aThing('ranked', undefined, ['http://c.test/x', 'http://d.test/x']))
    const found = await files.get(await keyIn(first))
    const hosts = found?.sources.map(({ url }) => new URL(url).hostname)
    assert.deepEqual(hosts, ['a.test', 'c.test', 'b.test', 'd.test'])
  })

  it('follows a feed that moves, also for units that are there already', async () => {
    const repository = await aRepository(aThing('moves', undefined, ['http://a.test/x', 'http://b.test/x']))
    await sync(repository, aThing('moves', undefined, ['http://b.test/x', 'http://c.test/x']))
    const found = await files.get(await keyIn(repository))
    assert.deepEqual(
      found?.sources.map(({ url }) => url),
      ['http://b.test/x', 'http://c.test/x'],
    )
  })

  it('keeps the sources of all units that have the same bytes, of this importer and of others', async () => {
    const [one, two] = ['one', 'two'].map((name) => aThing(name, [sha256('both')]))
    assert.ok(one !== undefined && two !== undefined)
    const repository = await aRepository(one)
    await aRepository(two)
    const draft = await versions.open(repository, await runningTask(opened.database))
    for (const unit of [one, two]) await draft.add([{ unit, fetched: new Map() }])
    await draft.commit()
    const found = await files.get(await keyIn(repository))
    assert.deepEqual(
      found?.sources.map(({ url }) => url),
      [`${host}/one`, `${host}/two`, `${host}/two`],
    )
  })

  it('forgets what an importer said of files that its upstream no longer has, if another one has them', async () => {
    const urls = async (name: string) => {
      const [file] = (await all(name)).filter(({ path }) => path === 'kept.bin')
      return (await files.get(file?.key ?? 0))?.sources.map(({ url }) => url)
    }
    const [first, second] = [
      await aRepository(aThing('kept', undefined, ['http://a.test/x'])),
      await aRepository(aThing('kept', undefined, ['http://b.test/x'])),
    ]
    const third = await aRepository(aThing('kept', undefined, []))
    for (const repository of [first, second]) {
      const draft = await versions.open(repository, await runningTask(opened.database))
      await draft.removeMissing(['thing'])
      await draft.commit()
      assert.deepEqual(await urls(third), ['http://b.test/x'])
    }
  })

  it('keeps the row of a file without any digest from sync to sync', async () => {
    const bare = (...urls: readonly string[]) => ({
      ...aThing('bare again'),
      files: [{ path: 'bare.bin', digests: [], urls }],
    })
    const repository = await aRepository(bare('http://a.test/bare'))
    const key = await keyIn(repository)
    await sync(repository, bare('http://b.test/bare'))
    assert.equal(await keyIn(repository), key)
    assert.deepEqual(
      (await files.get(key))?.sources.map(({ url }) => url),
      ['http://b.test/bare'],
    )
    await complete(key, 'a', blob('what came'))
    await sync(repository, bare('http://b.test/bare'))
    assert.deepEqual((await all(repository))[0]?.stored, blob('what came'))
  })

  it('gives the lease to one at a time', async () => {
    const { key } = await aFile('leased')
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => files.lease(key, holder)))
    assert.deepEqual(answers.map(({ state }) => state).sort(), ['held', 'held', 'held', 'taken'])
  })

  it('tells whoever comes later where the bytes are staged', async () => {
    const { key } = await aFile('staged')
    await files.lease(key, 'a')
    assert.deepEqual(await files.lease(key, 'b'), { state: 'held', handle: null })
    assert.equal(await files.renew(key, 'a', 'handle'), true)
    assert.deepEqual(await files.lease(key, 'b'), { state: 'held', handle: 'handle' })
  })

  it('gives a lease that ran out to the next one, and tells the one before', async () => {
    const { key } = await aFile('expired')
    await files.lease(key, 'a')
    await files.renew(key, 'a', 'handle')
    await expire()
    assert.deepEqual(await files.lease(key, 'b'), { state: 'taken' })
    assert.equal(await files.renew(key, 'a', 'handle'), false)
    assert.deepEqual(await files.lease(key, 'c'), { state: 'held', handle: null })
  })

  it('lets a lease that ran out go on while nobody else wants it', async () => {
    const { key } = await aFile('late')
    await files.lease(key, 'a')
    await expire()
    assert.equal(await files.renew(key, 'a', null), true)
    assert.equal((await files.lease(key, 'b')).state, 'held')
  })

  it('frees a lease for its holder only', async () => {
    const { key } = await aFile('released')
    await files.lease(key, 'a')
    await files.release(key, 'b')
    assert.equal((await files.lease(key, 'b')).state, 'held')
    await files.release(key, 'a')
    assert.equal((await files.lease(key, 'b')).state, 'taken')
  })

  it('knows a file as stored once it is complete, for everybody who has it', async () => {
    const { key, repository } = await aFile('done')
    const other = await aRepository(aThing('done'))
    await files.lease(key, 'a')
    await complete(key, 'a', blob('done'))
    assert.deepEqual(await files.lease(key, 'b'), { state: 'stored', blob: blob('done') })
    assert.deepEqual(await all(repository), [{ key, path: 'done.bin', size: 4, stored: blob('done') }])
    assert.deepEqual([await missing(repository), await missing(other)], [[], []])
    assert.equal(await repositories.countLocallyStored(repository), 1)
    assert.equal(await repositories.countLocallyStored(repository, [thingType.id]), 1)
    assert.equal(await repositories.countLocallyStored(repository, ['another']), 0)
  })

  it('leases a file that was forgotten once more', async () => {
    const { key, repository } = await aFile('damaged')
    await complete(key, 'a', blob('damaged'))
    await files.forget(blob('damaged').sha256)
    assert.equal((await files.lease(key, 'c')).state, 'taken')
    assert.deepEqual(keys(await missing(repository)), [key])
    await complete(key, 'c', blob('damaged'))
    assert.equal((await files.lease(key, 'd')).state, 'stored')
  })

  it('says so when there is no such file any more', async () => {
    assert.deepEqual(await files.lease(0, 'a'), { state: 'gone' })
    await complete(0, 'a', blob('nobody has this'))
    const { rows } = await opened.pool.query('SELECT FROM blob WHERE sha256 = $1 AND stored_at IS NOT NULL', [
      Buffer.from(blob('nobody has this').sha256, 'hex'),
    ])
    assert.equal(rows.length, 0)
  })

  it('gives a file its sha256 and size with the first fetch, and keeps the counts of versions', async () => {
    const { key, repository } = await aFile('by sha1', sha1('by sha1'))
    const before = await versions.get(repository, 1)
    await files.lease(key, 'a')
    await complete(key, 'a', blob('by sha1, a bit longer'))
    assert.deepEqual((await all(repository))[0]?.stored, blob('by sha1, a bit longer'))
    assert.deepEqual((await files.get(key))?.expected, {
      digests: [sha256('by sha1, a bit longer'), sha1('by sha1')],
      size: 21,
    })
    assert.deepEqual(await versions.get(repository, 1), before)
    // Whoever knows the sha1 later on has nothing to fetch.
    assert.deepEqual(await missing(await aRepository(aThing('another name', [sha1('by sha1')]))), [])
  })

  it('points units to the row that has the same bytes already, with all that is known of them', async () => {
    const { key: twin } = await aFile('same bytes')
    const { key, repository } = await aFile('other name', sha1('same bytes'))
    await files.lease(key, 'a')
    await complete(key, 'a', blob('same bytes'))
    assert.deepEqual(await all(repository), [
      { key: twin, path: 'other name.bin', size: 10, stored: blob('same bytes') },
    ])
    const merged = await files.get(twin)
    assert.deepEqual(merged?.expected.digests, [sha256('same bytes'), sha1('same bytes')])
    assert.deepEqual(
      merged?.sources.map(({ url }) => url),
      [`${host}/same bytes`, `${host}/other name`],
    )
    assert.deepEqual([await files.lease(key, 'b'), await files.get(key)], [{ state: 'gone' }, undefined])
  })

  it('takes fetches of the same bytes that end at the same time, beside syncs that find them', async () => {
    for (let round = 0; round < 10; round += 1) {
      const content = `raced ${round}`
      const made: { key: number; repository: string }[] = []
      for (const algorithm of ['md5', 'sha1', 'sha384', 'sha512'] as const) {
        made.push(await aFile(`${content} ${algorithm}`, { algorithm, value: sha256Hex(`${algorithm}${content}`) }))
      }
      await Promise.all([
        ...made.map(({ key }) => complete(key, `holder ${key}`, blob(content))),
        aRepository(
          aThing(content),
          aThing(`${content} md5`, [{ algorithm: 'md5', value: sha256Hex(`md5${content}`) }]),
        ),
      ])
      const found = (await Promise.all(made.map(({ repository }) => all(repository)))).flat()
      assert.deepEqual(new Set(keys(found)).size, 1)
      assert.ok(found.every(({ stored }) => stored?.sha256 === blob(content).sha256))
    }
  })

  it('names each file of the latest version once, over pages of units', async () => {
    const shared = ['one', 'two', 'three'].map((name) => aThing(name, [sha256('shared')]))
    const many = Array.from({ length: 1200 }, (_, index) => aThing(`file ${index}`))
    const repository = await aRepository(...shared, ...many)
    const found = await all(repository)
    assert.deepEqual([found.length, new Set(keys(found)).size], [1201, 1201])
    for (const name of ['file 3', 'file 700']) {
      const key = found.find(({ path }) => path === `${name}.bin`)?.key
      await complete(key ?? 0, 'a', blob(name))
    }
    assert.equal((await missing(repository)).length, 1199)
  })

  it('looks at the latest version only', async () => {
    const repository = await aRepository(aThing('goes'))
    assert.equal(await files.hasMissing(repository), true)
    const draft = await versions.open(repository, await runningTask(opened.database))
    await draft.removeMissing(['thing'])
    await draft.commit()
    assert.deepEqual([await all(repository), await files.hasMissing(repository)], [[], false])
  })

  it('tells whether a repository lacks a file', async () => {
    const { key, repository } = await aFile('lacking')
    assert.equal(await files.hasMissing(repository), true)
    await complete(key, 'a', blob('lacking'))
    assert.equal(await files.hasMissing(repository), false)
    await assert.rejects(files.hasMissing('nowhere'), { kind: 'not-found' })
    await assert.rejects(missing('nowhere'), { kind: 'not-found' })
  })
})

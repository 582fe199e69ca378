import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { ContentType } from '../../core/content-type.ts'
import { sha256Hex } from '../../core/digest.ts'
import type { ExaminedUnit, ReadyUnit, UnitWithDocuments, VersionCommit } from '../../core/repository-version.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { PostgresBlobCatalog } from '../space/postgres-blob-catalog.ts'
import { registerContentTypes } from '../units/content-type-ids.ts'
import { PostgresVersionStore } from './version-store.ts'

const thing: ContentType = {
  id: 'thing',
  displayName: 'Thing',
  description: 'For tests',
  keyFields: ['name', 'checksum'],
  searchIndexes: ['name'],
  referencedTypes: [],
  hasFiles: true,
  documents: ['text'],
  uniqueIn: ['name'],
}
const { uniqueIn: _, ...plain } = thing
const note: ContentType = { ...plain, id: 'note', keyFields: ['name'], hasFiles: false, documents: [] }

function aThing(name: string, content = name): DiscoveredUnit {
  const digest = { algorithm: 'sha256', value: sha256Hex(content) } as const
  return {
    type: 'thing',
    key: { name, checksum: digest.value },
    metadata: { name, checksum: digest.value },
    files: [{ path: `${name}.bin`, size: content.length, digests: [digest], urls: [`http://up.test/${name}`] }],
    documents: { text: Buffer.from(`text of ${name}`) },
  }
}

function aNote(name: string, body: string): DiscoveredUnit {
  return { type: 'note', key: { name }, metadata: { name, body }, files: [] }
}

function asIfFetched({ unit, missing }: ExaminedUnit): ReadyUnit {
  const fetched = missing.map(({ index }) => {
    const file = unit.files[index]
    return [index, { sha256: file?.digests[0]?.value ?? '', size: file?.size ?? 0 }] as const
  })
  return { unit, fetched: new Map(fetched) }
}

onEachDatabase('repository versions', (fresh) => {
  let opened: OpenDatabase
  let versions: PostgresVersionStore
  let repositories: PostgresRepositoryStore

  before(async () => {
    opened = await fresh.open()
    const types = await registerContentTypes(opened.database, [thing, note])
    versions = new PostgresVersionStore(opened.database, opened.pool, types)
    repositories = new PostgresRepositoryStore(opened.database)
  })

  let count = 0
  async function aRepository(): Promise<string> {
    count += 1
    const id = `repository-${count}`
    const importer = { type: 'thing_importer', config: {} }
    await repositories.create({ id, displayName: null, description: null, notes: {} }, importer, [])
    return id
  }

  /** Runs one whole sync of `units`, with their files as if fetched. */
  async function sync(repository: string, units: readonly DiscoveredUnit[], remove = false): Promise<VersionCommit> {
    const draft = await versions.open(repository, await runningTask(opened.database))
    const ready = (await draft.examine(units)).map(asIfFetched)
    await new PostgresBlobCatalog(opened.database).reserve(ready.flatMap(({ fetched }) => [...fetched.values()]))
    await draft.add(ready)
    if (remove) await draft.removeMissing(['thing', 'note'])
    return draft.commit({ seen: units.length })
  }

  async function read(repository: string, version: number): Promise<readonly UnitWithDocuments[]> {
    const query = { repositoryId: repository, version, types: ['thing', 'note'], order: ['name'], files: true }
    return Array.fromAsync(versions.units({ ...query, documents: ['text'] }))
  }

  async function names(repository: string, version: number): Promise<readonly unknown[]> {
    return (await read(repository, version)).map(({ unit }) => unit.metadata['name'])
  }

  it('makes a version with counts and bytes, and reads units back with documents and files', async () => {
    const repository = await aRepository()
    const commit = await sync(repository, [aThing('b'), aThing('a', 'long content'), aNote('n', 'x')])
    assert.deepEqual([commit.added, commit.updated, commit.removed], [3, 0, 0])
    assert.deepEqual(commit.version.counts, { thing: 2, note: 1 })
    assert.equal(commit.version.fileBytes, 13)
    const units = await read(repository, 1)
    assert.deepEqual(
      units.map(({ unit, documents }) => [unit.metadata['name'], Buffer.from(documents['text'] ?? '').toString()]),
      [
        ['a', 'text of a'],
        ['b', 'text of b'],
        ['n', ''],
      ],
    )
    assert.deepEqual(units[0]?.files, [{ path: 'a.bin', size: 12, sha256: sha256Hex('long content') }])
    const { counts, latest } = await repositories.get(repository)
    assert.deepEqual([counts, latest], [{ thing: 2, note: 1 }, 1])
  })

  it('tells which units came in a span of time', async () => {
    const repository = await aRepository()
    await sync(repository, [aThing('a')])
    await sync(repository, [aThing('a'), aThing('b')])
    const { rows } = await opened.pool.query<{ created: Date }>(
      'SELECT membership.created FROM membership JOIN repository ON repository.id = repository WHERE repository.name = $1 ORDER BY membership.created',
      [repository],
    )
    // Stored to the microsecond, told to the millisecond.
    const [first = assert.fail(), second = assert.fail()] = rows.map(({ created }) => created.getTime())
    const found = async (from?: number, until?: number) => {
      const associated = {
        ...(from !== undefined && { from: new Date(from) }),
        ...(until !== undefined && { until: new Date(until) }),
      }
      const query = { repositoryId: repository, version: 2, types: ['thing'], order: ['name'], associated }
      return (await Array.fromAsync(versions.units(query))).map(({ unit }) => unit.metadata['name'])
    }
    assert.deepEqual(await found(), ['a', 'b'])
    assert.deepEqual(await found(second), ['b'])
    assert.deepEqual(await found(undefined, first + 1), ['a'])
    assert.deepEqual(await found(first, second + 1), ['a', 'b'])
    assert.deepEqual(await found(second + 1), [])
  })

  it('makes versions of several repositories together, or none of them', async () => {
    const [one, two] = [await aRepository(), await aRepository()]
    const fence = await runningTask(opened.database)
    const drafts = await Promise.all([one, two].map((id) => versions.open(id, fence)))
    for (const draft of drafts) await draft.add((await draft.examine([aNote('n', 'x')])).map(asIfFetched))
    const [inTheWay] = (
      await opened.pool.query(
        `INSERT INTO repository_version (repository, number, counts, file_bytes)
         SELECT id, 1, '{}', 0 FROM repository WHERE name = $1 RETURNING repository`,
        [two],
      )
    ).rows
    await assert.rejects(versions.commitTogether(drafts, fence), { code: '23505' })
    assert.equal((await repositories.get(one)).latest, 0)
    await opened.pool.query('DELETE FROM repository_version WHERE repository = $1', [inTheWay.repository])
    const commits = await versions.commitTogether(drafts, fence)
    assert.deepEqual(
      commits.map(({ version, added }) => [version.number, added]),
      [
        [1, 1],
        [1, 1],
      ],
    )
    assert.deepEqual([await names(one, 1), await names(two, 1)], [['n'], ['n']])
    await assert.rejects(versions.commitTogether(drafts, { ...fence, attempt: fence.attempt + 1 }), {
      kind: 'cancelled',
    })
  })

  it('makes no version when nothing differs, and remembers all the same', async () => {
    const repository = await aRepository()
    await sync(repository, [aThing('a')])
    const again = await sync(repository, [aThing('a')])
    assert.deepEqual([again.version.number, again.added, again.removed], [1, 0, 0])
    assert.deepEqual(await versions.remembered(repository), { seen: 1 })
  })

  it('keeps older versions as they were when units go and change under the same key', async () => {
    const repository = await aRepository()
    await sync(repository, [aThing('a'), aNote('n', 'first')])
    const second = await sync(repository, [aNote('n', 'second')], true)
    assert.deepEqual([second.added, second.updated, second.removed], [0, 1, 1])
    assert.deepEqual(second.version.counts, { thing: 0, note: 1 })
    assert.deepEqual(await names(repository, 1), ['a', 'n'])
    assert.deepEqual(await names(repository, 2), ['n'])
    const bodies = [await read(repository, 1), await read(repository, 2)].map(
      (units) => units.find(({ unit }) => unit.type === 'note')?.unit.metadata['body'],
    )
    assert.deepEqual(bodies, ['first', 'second'])
  })

  it('shares the wire id between revisions of one key', async () => {
    const repository = await aRepository()
    await sync(repository, [aNote('same', 'first')])
    await sync(repository, [aNote('same', 'second')])
    const [[first], [second]] = [await read(repository, 1), await read(repository, 2)]
    assert.ok(first !== undefined && second !== undefined)
    assert.equal(first.unit.wireId, second.unit.wireId)
    assert.notEqual(first.unit.id, second.unit.id)
  })

  it('shows nothing of a run that died, and lets nothing of it into the next version', async () => {
    const repository = await aRepository()
    await sync(repository, [aThing('a'), aThing('b')])
    const dead = await versions.open(repository, await runningTask(opened.database))
    await dead.add([{ unit: aThing('ghost'), fetched: new Map() }])
    await dead.removeMissing(['thing'])
    assert.deepEqual(await names(repository, 1), ['a', 'b'])
    const next = await sync(repository, [aThing('c')])
    assert.deepEqual([next.version.number, next.added, next.removed], [2, 1, 0])
    assert.deepEqual(await names(repository, 2), ['a', 'b', 'c'])
  })

  it('changes nothing any more for a task that lost its claim', async () => {
    const repository = await aRepository()
    const fence = await runningTask(opened.database)
    const draft = await versions.open(repository, fence)
    await opened.database.updateTable('task').set({ attempt: 2 }).where('id', '=', fence.taskKey).execute()
    await assert.rejects(draft.add([{ unit: aThing('late'), fetched: new Map() }]), { kind: 'cancelled' })
    await assert.rejects(draft.commit(), { kind: 'cancelled' })
    assert.equal((await repositories.get(repository)).latest, 0)
  })

  it('asks only for files that are not stored, wherever they were stored from', async () => {
    const [one, other] = [await aRepository(), await aRepository()]
    await sync(one, [aThing('shared')])
    const draft = await versions.open(other, await runningTask(opened.database))
    const examined = await draft.examine([aThing('shared'), aThing('new')])
    assert.deepEqual(
      examined.map(({ missing }) => missing.length),
      [0, 1],
    )
  })

  it('spares what a run kept when it takes out the rest', async () => {
    const repository = await aRepository()
    await sync(repository, [aThing('broken upstream'), aThing('gone')])
    const draft = await versions.open(repository, await runningTask(opened.database))
    draft.keep([aThing('broken upstream')])
    await draft.removeMissing(['thing'])
    const commit = await draft.commit()
    assert.deepEqual(await names(repository, commit.version.number), ['broken upstream'])
  })

  it('holds one unit of a name when upstream rebuilt it, and settles', async () => {
    const repository = await aRepository()
    await sync(repository, [aThing('a', 'old')])
    const rebuilt = await sync(repository, [aThing('a', 'new')])
    assert.equal(rebuilt.version.counts['thing'], 1)
    assert.deepEqual((await read(repository, 2))[0]?.files[0]?.sha256, sha256Hex('new'))
    const reverted = await sync(repository, [aThing('a', 'old')])
    assert.deepEqual((await read(repository, reverted.version.number))[0]?.files[0]?.sha256, sha256Hex('old'))
    const both = [aThing('a', 'old'), aThing('a', 'new')]
    const listed = await sync(repository, both)
    assert.equal((await sync(repository, both)).version.number, listed.version.number)
  })

  it('forgets what an importer remembered once the repository was changed by something else', async () => {
    const repository = await aRepository()
    await sync(repository, [aThing('a')])
    const draft = await versions.open(repository, await runningTask(opened.database))
    await draft.add([{ unit: aThing('by hand'), fetched: new Map() }])
    await draft.commit()
    assert.equal(await versions.remembered(repository), undefined)
  })
})

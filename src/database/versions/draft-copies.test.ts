import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { ContentType } from '../../core/content-type.ts'
import { sha256Hex } from '../../core/digest.ts'
import type { VersionCommit, VersionDraft } from '../../core/repository-version.ts'
import type { DiscoveredUnit } from '../../core/unit.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { runningTask } from '../../testing/fences.ts'
import type { OpenDatabase } from '../connection.ts'
import { PostgresRepositoryStore } from '../repository-store.ts'
import { registerContentTypes } from '../units/content-type-ids.ts'
import { PostgresVersionStore } from './version-store.ts'

const note: ContentType = {
  id: 'note',
  displayName: 'Note',
  description: 'For tests',
  keyFields: ['name'],
  searchIndexes: [],
  referencedTypes: [],
  hasFiles: false,
  documents: [],
}
/** A repository holds one build of each name. */
const build: ContentType = { ...note, id: 'build', keyFields: ['name', 'checksum'], uniqueIn: ['name'] }

/** Each repository has its own. */
const list: ContentType = {
  ...note,
  id: 'list',
  keyFields: ['name', 'repo_id'],
  hasFiles: true,
  documents: ['text'],
  scope: 'repository',
}

function aList(name: string, content: string): DiscoveredUnit {
  const digests = [{ algorithm: 'sha256', value: sha256Hex(content) } as const]
  const files = [{ path: `${name}.list`, size: content.length, digests, urls: [`http://up.test/${name}`] }]
  return { type: 'list', key: { name }, metadata: { name }, files, documents: { text: Buffer.from(content) } }
}

function aNote(name: string, body = ''): DiscoveredUnit {
  return { type: 'note', key: { name }, metadata: { name, body }, files: [] }
}

function aBuild(name: string, checksum: string): DiscoveredUnit {
  return { type: 'build', key: { name, checksum }, metadata: { name, checksum }, files: [] }
}

onEachDatabase('a draft that copies', (fresh) => {
  let opened: OpenDatabase
  let versions: PostgresVersionStore
  let repositories: PostgresRepositoryStore

  before(async () => {
    opened = await fresh.open()
    versions = new PostgresVersionStore(
      opened.database,
      opened.pool,
      await registerContentTypes(opened.database, [note, build, list]),
    )
    repositories = new PostgresRepositoryStore(opened.database)
  })

  let count = 0
  async function aRepository(...units: readonly DiscoveredUnit[]): Promise<string> {
    count += 1
    const id = `repository-${count}`
    await repositories.create({ id, displayName: null, description: null, notes: {} }, undefined, [])
    if (units.length > 0) await change(id, (draft) => sync(draft, units))
    return id
  }

  const open = async (id: string) => versions.open(id, await runningTask(opened.database))

  async function change(id: string, work: (draft: VersionDraft) => Promise<unknown>): Promise<VersionCommit> {
    const draft = await open(id)
    await work(draft)
    return draft.commit()
  }

  async function sync(draft: VersionDraft, units: readonly DiscoveredUnit[]): Promise<void> {
    await draft.add((await draft.examine(units)).map(({ unit }) => ({ unit, fetched: new Map() })))
  }

  async function read(id: string, version?: number) {
    const number = version ?? (await repositories.get(id)).latest
    const query = { repositoryId: id, version: number, types: ['note', 'build', 'list'], order: ['name'] }
    return (await Array.fromAsync(versions.units(query))).map(({ unit }) => unit)
  }

  const ids = async (id: string, version?: number) => (await read(id, version)).map((unit) => unit.id)
  const texts = async (id: string, version?: number) =>
    (await read(id, version)).map(({ metadata }) => `${metadata['name']}${metadata['body'] ?? metadata['checksum']}`)
  const numbers = ({ version, added, updated, removed }: VersionCommit) => [version.number, added, updated, removed]

  async function dates(id: string) {
    const { rows } = await opened.pool.query<{ created: Date; updated: Date }>(
      'SELECT created, updated FROM membership WHERE removed_in IS NULL AND repository = (SELECT id FROM repository WHERE name = $1)',
      [id],
    )
    return rows
  }

  it('puts in units of the catalog, more than one batch of them', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => aNote(`note ${index}`))
    const source = await aRepository(...many)
    const target = await aRepository(aNote('own'))
    const wanted = await ids(source)
    const commit = await change(target, async (draft) => assert.deepEqual(await draft.take(wanted), []))
    assert.deepEqual(numbers(commit), [2, 2_500, 0, 0])
    assert.deepEqual(commit.version.counts, { note: 2_501 })
    assert.deepEqual(await texts(target, 1), ['own'])
    const { lastUnitAdded, lastUnitRemoved } = await repositories.get(target)
    assert.deepEqual([lastUnitAdded instanceof Date, lastUnitRemoved], [true, null])
  })

  it('associates anew what is there: only the date changes, in no new version', async () => {
    const target = await aRepository(aNote('again'))
    const [former] = await dates(target)
    const commit = await change(target, async (draft) => draft.take(await ids(target)))
    assert.deepEqual(numbers(commit), [1, 0, 0, 0])
    const [present] = await dates(target)
    assert.ok(former !== undefined && present !== undefined)
    assert.deepEqual(present.created, former.created)
    assert.ok(present.updated > former.updated)
  })

  it('replaces another revision of a key', async () => {
    const [source, target] = [await aRepository(aNote('n', '2')), await aRepository(aNote('n', '1'))]
    const commit = await change(target, async (draft) => draft.take(await ids(source)))
    assert.deepEqual(numbers(commit), [2, 0, 1, 0])
    assert.deepEqual([await texts(target, 1), await texts(target, 2)], [['n1'], ['n2']])
  })

  it('takes the last of two revisions of a key', async () => {
    const [first, second] = [await aRepository(aNote('two', '1')), await aRepository(aNote('two', '2'))]
    const target = await aRepository()
    const both = [...(await ids(second)), ...(await ids(first))]
    await change(target, (draft) => draft.take(both))
    assert.deepEqual(await texts(target), ['two1'])
  })

  it('lets what is copied win over another unit of its name', async () => {
    const older = await aRepository(aBuild('tool', 'a'))
    const target = await aRepository(aBuild('tool', 'b'))
    const commit = await change(target, async (draft) => draft.take(await ids(older)))
    assert.deepEqual(numbers(commit), [2, 1, 0, 1])
    assert.deepEqual(await texts(target), ['toola'])
  })

  it('says which units are gone, and takes the others', async () => {
    const source = await aRepository(aNote('stays'))
    const target = await aRepository()
    const wanted = [...(await ids(source)), 987_654_321]
    await change(target, async (draft) => assert.deepEqual(await draft.take(wanted), [987_654_321]))
    assert.deepEqual(await texts(target), ['stays'])
  })

  it('takes units out, and leaves those alone that are not in', async () => {
    const source = await aRepository(aNote('other'))
    const target = await aRepository(aNote('a'), aNote('b'))
    const [a] = await ids(target)
    assert.ok(a !== undefined)
    const commit = await change(target, async (draft) => draft.drop([a, ...(await ids(source))]))
    assert.deepEqual(numbers(commit), [2, 0, 0, 1])
    assert.deepEqual([await texts(target, 1), await texts(target, 2)], [['a', 'b'], ['b']])
    assert.ok((await repositories.get(target)).lastUnitRemoved instanceof Date)
  })

  it('comes to no version when it takes out what it put in, or puts in again what it took out', async () => {
    const source = await aRepository(aNote('visitor'))
    const target = await aRepository(aNote('host'))
    const [visitors, hosts] = [await ids(source), await ids(target)]
    const commit = await change(target, async (draft) => {
      await draft.take(visitors)
      await draft.drop([...visitors, ...hosts])
      await draft.take(hosts)
    })
    assert.deepEqual(numbers(commit), [1, 0, 0, 0])
    assert.deepEqual(await texts(target), ['host'])
  })

  /** Name, owner, document and file of each list. */
  async function lists(id: string, version?: number) {
    const number = version ?? (await repositories.get(id)).latest
    const query = { repositoryId: id, version: number, types: ['list'], documents: ['text'], files: true }
    const found = await Array.fromAsync(versions.units(query))
    return found.map(({ unit, documents, files }) => [
      unit.metadata['name'],
      unit.metadata['repo_id'],
      Buffer.from(documents['text'] ?? []).toString(),
      files.map(({ path, sha256 }) => [path, sha256]),
    ])
  }
  const listOf = (name: string, owner: string, content: string) => [
    name,
    owner,
    content,
    [[`${name}.list`, sha256Hex(content)]],
  ]

  it('clones what the other repository owns, once', async () => {
    const source = await aRepository(aList('l', 'one'), aNote('n'))
    const target = await aRepository(aList('l', 'zero'))
    assert.deepEqual(await lists(source), [listOf('l', source, 'one')])
    const commit = await change(target, async (draft) => draft.take(await ids(source)))
    assert.deepEqual(numbers(commit), [2, 1, 1, 0])
    assert.deepEqual(await lists(target), [listOf('l', target, 'one')])
    assert.deepEqual(await lists(target, 1), [listOf('l', target, 'zero')])
    assert.deepEqual(await lists(source), [listOf('l', source, 'one')])
    const again = await change(target, async (draft) => draft.take(await ids(source)))
    const synced = await change(target, (draft) => sync(draft, [aList('l', 'one')]))
    assert.deepEqual(
      [numbers(again), numbers(synced)],
      [
        [2, 0, 0, 0],
        [2, 0, 0, 0],
      ],
    )
  })

  it('clones what the other repository owns when it becomes a version of it', async () => {
    const source = await aRepository(aList('m', 'one'), aNote('m'))
    const target = await aRepository(aList('x', 'zero'))
    assert.deepEqual(numbers(await change(target, (draft) => draft.become(source, 1))), [2, 2, 0, 1])
    assert.deepEqual(await lists(target), [listOf('m', target, 'one')])
    assert.deepEqual(numbers(await change(target, (draft) => draft.become(source, 1))), [2, 0, 0, 0])
  })

  it('knows a unit that repositories own by its key without the owner', async () => {
    const target = await aRepository(aList('kept', 'one'), aList('gone', 'one'))
    const commit = await change(target, async (draft) => {
      draft.keep([{ type: 'list', key: { name: 'kept' } }])
      await draft.removeMissing(['list'])
    })
    assert.deepEqual(numbers(commit), [2, 0, 0, 1])
  })

  it('becomes a version of another repository, or an earlier one of its own', async () => {
    const source = await aRepository(aNote('both'), aNote('theirs', '1'))
    const target = await aRepository(aNote('both'), aNote('own'), aNote('theirs', '0'))
    assert.deepEqual(numbers(await change(target, (draft) => draft.become(source, 1))), [2, 0, 1, 1])
    assert.deepEqual(await ids(target), await ids(source))
    assert.deepEqual(numbers(await change(target, (draft) => draft.become(target, 1))), [3, 1, 1, 0])
    assert.deepEqual(await texts(target), await texts(target, 1))
    assert.deepEqual(numbers(await change(target, (draft) => draft.become(target, 1))), [3, 0, 0, 0])
    assert.deepEqual(numbers(await change(target, (draft) => draft.become(target, 0))), [4, 0, 0, 3])
  })

  it('does not become a version that is not there or that lost units', async () => {
    const source = await aRepository(aNote('a'), aNote('b'))
    const target = await aRepository()
    const draft = await open(target)
    await assert.rejects(draft.become('nowhere', 1), { kind: 'not-found' })
    await assert.rejects(draft.become(source, 2), { kind: 'not-found' })
    await opened.pool.query('UPDATE repository_version SET pruned = true')
    await assert.rejects(draft.become(source, 1), { kind: 'conflict' })
    await draft.abandon()
    assert.deepEqual(await read(target), [])
  })
})

import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { onEachDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, makeMirror, syncWell } from './support/mirrors.ts'
import { isLong } from './support/project.ts'
import { listPublished, metadataOf, publishedChecksums } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'
import { versionsOf } from './support/versions.ts'

const total = isLong ? 2_000 : 60
const bytes = isLong ? 186_000 : 1_000
const packages: PackageSpec[] = Array.from({ length: total }, (_, index) => ({ name: `package-${index}`, bytes }))
const names = packages.map(({ name }) => name).sort()
const arrival: PackageSpec = { name: 'arrival', bytes }
/** A tree is looked for, under both names. */
const metadata = [
  '.treeinfo',
  'repodata/filelists',
  'repodata/other',
  'repodata/primary',
  'repodata/repomd',
  'treeinfo',
]

const clients = requireClients('rpmbuild', 'createrepo_c')
const built = builtPackages([...packages, arrival])

onEachDatabase(`a mirror of ${total} packages`, (fresh) => {
  const server = sharedServer(fresh)

  test('fetches what is new and nothing else, and keeps its versions', clients, async () => {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, packages)
    await writeMetadata(folder)
    const upstream = await FolderUpstream.of(folder)
    const url = await makeMirror(server(), 'growing', { feed: upstream.feed, remove_missing: true })
    const fetched = await upstream.requestsOf(() => syncWell(server(), 'growing'))
    assert.deepEqual(kinds(fetched), [...packages.map(fileNameOf), ...metadata].sort())
    assert.deepEqual(await publishedChecksums(url), checksumsOf(upstream))

    const published = await metadataOf(url)
    const again = await upstream.requestsOf(async () => {
      assert.deepEqual(countsOf(await syncWell(server(), 'growing')), { added: 0, updated: 0, removed: 0 })
    })
    assert.deepEqual(again, ['repodata/repomd.xml'])
    assert.deepEqual(Object.keys(await versionsOf(server(), 'growing')), ['1'])
    assert.deepEqual(await metadataOf(url), published)

    await copyPackages(built(), folder, [arrival])
    await writeMetadata(folder)
    await upstream.update()
    const added = await upstream.requestsOf(() => syncWell(server(), 'growing'))
    assert.deepEqual(kinds(added), [fileNameOf(arrival), ...metadata].sort())
    assert.equal((await listPublished(url)).length, total + 1)

    await rm(join(folder, fileNameOf(arrival)))
    await writeMetadata(folder)
    await upstream.update()
    const removed = await upstream.requestsOf(() => syncWell(server(), 'growing'))
    assert.deepEqual(kinds(removed), metadata)
    assert.equal((await listPublished(url)).length, total)
    const { 1: first, 2: second, 3: third } = await versionsOf(server(), 'growing')
    assert.deepEqual([first, second, third], [names, ['arrival', ...names], names])
  })
})

function checksumsOf(upstream: FolderUpstream): Record<string, string> {
  return Object.fromEntries(
    packages
      .map(fileNameOf)
      .sort()
      .map((name) => [name, upstream.sha256(name)]),
  )
}

/** `repodata/<checksum>-primary.xml.gz` → `repodata/primary`. */
function kinds(paths: readonly string[]): string[] {
  return paths.map((path) => path.replace(/^repodata\/(?:\w{64}-)?(\w+)\..*$/, 'repodata/$1')).sort()
}

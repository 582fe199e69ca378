import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { answersOf, Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { countsOf, makeMirror, syncWell } from './support/mirrors.ts'
import { publishedChecksums } from './support/published.ts'
import { type MetadataForm, writeMetadata } from './support/repository-metadata.ts'
import { copyPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const library: PackageSpec = { name: 'library', version: '1.9', epoch: 1, provides: ['lib(sheet) = 4'] }
const newLibrary: PackageSpec = { ...library, version: '1.10' }
const tool: PackageSpec = { name: 'tool', requires: ['lib(sheet) >= 3', 'library'] }
const gone: PackageSpec = { name: 'gone' }
const arrival: PackageSpec = { name: 'arrival', requires: ['tool'], bytes: 20_000 }
const first = [library, tool, gone]
const later = [newLibrary, tool, arrival]

/** Together they cover each compression and each checksum. */
const forms: readonly MetadataForm[] = [
  { compression: 'gz', checksum: 'sha256', database: true },
  { compression: 'xz', checksum: 'sha512' },
  { compression: 'bz2', checksum: 'sha1' },
  { compression: 'zst', checksum: 'sha384' },
  { compression: 'none', checksum: 'md5' },
  { compression: 'gz', checksum: 'sha224' },
]

onOneDatabase('a mirror of RPM packages', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm')
  const server = sharedServer(fresh)
  const built = builtPackages([...first, newLibrary, arrival])

  async function publishUpstream(folder: string, packages: readonly PackageSpec[], form: MetadataForm): Promise<void> {
    await rm(folder, { recursive: true, force: true })
    await copyPackages(built(), folder, packages)
    await writeMetadata(folder, form)
  }

  for (const form of forms) {
    const { compression, checksum } = form
    const title = `reads metadata in ${compression} with ${checksum}, and the next snapshot of it`
    test(title, clients, async () => {
      const folder = join(await temporaryFolder(), 'upstream')
      await publishUpstream(folder, first, form)
      const upstream = await FolderUpstream.of(folder)
      const id = `${compression}-${checksum}`
      const url = await makeMirror(server(), id, { feed: upstream.feed, remove_missing: true })
      assert.deepEqual(countsOf(await syncWell(server(), id)), { added: 3, updated: 0, removed: 0 })
      assert.deepEqual(await publishedChecksums(url), checksumsOf(upstream, first))
      const client = checksum === 'sha224' ? undefined : await Dnf.at(url)
      await client?.install('tool')
      await hasSameAnswers(client, upstream)

      await publishUpstream(folder, later, form)
      await upstream.update()
      assert.deepEqual(countsOf(await syncWell(server(), id)), { added: 2, updated: 0, removed: 2 })
      assert.deepEqual(await publishedChecksums(url), checksumsOf(upstream, later))
      await hasSameAnswers(client, upstream)
      await client?.upgrade()
      await client?.install('arrival')
      if (client !== undefined)
        assert.deepEqual(await client.installed(), ['arrival-1.0-1', 'library-1.10-1', 'tool-1.0-1'])
    })
  }
})

function checksumsOf(upstream: FolderUpstream, packages: readonly PackageSpec[]): Record<string, string> {
  const pairs = packages.map((spec) => [fileNameOf(spec), upstream.sha256(fileNameOf(spec))] as const)
  return Object.fromEntries(pairs.toSorted())
}

/** dnf itself ends with a failed assertion where packages are named by sha224, so it is not asked there. */
async function hasSameAnswers(client: Dnf | undefined, upstream: FolderUpstream): Promise<void> {
  if (client === undefined) return
  const expected = await answersOf(await Dnf.at(upstream.feed))
  assert.deepEqual(await answersOf(client), expected)
}

import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, makeMirror, syncWell } from './support/mirrors.ts'
import { buildOddPackages } from './support/odd-packages.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes, metadataOf } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

/** File → table → its columns, then its rows in an order of their own. */
type Databases = Record<string, Record<string, readonly string[]>>

/** What the databases of a repository's `repodata` hold. */
async function read(repodata: string): Promise<Databases> {
  const databases: Databases = {}
  for (const name of (await readdir(repodata)).filter((file) => file.endsWith('.sqlite.gz'))) {
    const path = join(await temporaryFolder(), 'open')
    await writeFile(path, gunzipSync(await readFile(join(repodata, name))))
    databases[name.replace(/^[0-9a-f]+-/, '')] = tablesOf(new DatabaseSync(path, { readOnly: true }))
  }
  return databases
}

function tablesOf(database: DatabaseSync): Record<string, readonly string[]> {
  const named = database.prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY name").all()
  const names = named.map(({ name }) => String(name))
  return Object.fromEntries(
    names.map((name) => {
      const columns = database.prepare(`PRAGMA table_xinfo(${name})`).all()
      const indexed = database.prepare(`PRAGMA index_info(${name})`).all()
      const isTable = columns.length > 0 && indexed.length === 0
      const rows = isTable ? database.prepare(`SELECT * FROM ${name}`).all() : []
      const texts = rows.map((row) => JSON.stringify(row)).sort()
      return [name, [JSON.stringify(isTable ? columns : indexed), ...texts]]
    }),
  )
}

onOneDatabase('the databases of a mirror', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'sqliterepo_c', 'dnf')
  const server = sharedServer(fresh)

  test(
    'are what sqliterepo_c makes, beside pages to browse, and dnf and a mirror of the mirror take it',
    clients,
    async () => {
      const folder = await temporaryFolder()
      await buildOddPackages(folder)
      await buildPackages(folder, [{ name: 'plain', epoch: 1, requires: ['other >= 1'], provides: ['virtual = 2'] }])
      await writeMetadata(folder)
      const upstream = await FolderUpstream.of(folder)
      const url = await makeMirror(server(), 'databases', { feed: upstream.feed })
      await syncWell(server(), 'databases')
      const config = { generate_sqlite: true, repoview: true }
      const call = await server().client.publish('databases', 'yum_distributor', config)
      requireFinished(await follow(server(), call))

      const mirrored = await temporaryFolder()
      await mkdir(join(mirrored, 'repodata'))
      for (const path of Object.keys(await metadataOf(url)))
        await writeFile(join(mirrored, 'repodata', basename(path)), await fetchBytes(url + path))
      const ours = await read(join(mirrored, 'repodata'))
      await succeed(clientPath('sqliterepo_c'), ['--quiet', '--force', '--compress-type=gz', mirrored])
      const theirs = await read(join(mirrored, 'repodata'))
      assert.equal(Object.keys(ours).length, 3)
      assert.ok((ours['primary.sqlite.gz']?.['requires']?.length ?? 0) > 10)
      assert.deepEqual(ours, theirs)

      assert.deepEqual(await (await Dnf.at(url)).repoquery(), await (await Dnf.at(upstream.feed)).repoquery())
      const index = await fetch(`${url}repoview/index.html`)
      assert.deepEqual([index.status, index.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
      const letter = / href="(letters\/P\.html)"/.exec(await index.text())?.[1] ?? assert.fail('no letter P')
      assert.match((await fetchBytes(`${url}repoview/${letter}`)).toString(), /packages\/plain\.html/)
      await makeMirror(server(), 'databases-again', { feed: url })
      await syncWell(server(), 'databases-again')
    },
  )
})

import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtRepository } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { makeMirror, syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { listPublished } from './support/published.ts'
import type { PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'
import { Zypper } from './support/zypper.ts'

/** More than one segment of a publication's metadata holds (DESIGN §4). */
const fillers: PackageSpec[] = Array.from({ length: 150 }, (_, index) => ({ name: `filler-${index}` }))
const packages: PackageSpec[] = [
  ...fillers,
  { name: 'app', requires: ['library > 1:1.0'] },
  { name: 'library', version: '2.0', epoch: 1 },
]

onOneDatabase('a published RPM repository', (fresh) => {
  const builders = requireClients('rpmbuild', 'createrepo_c')
  const server = sharedServer(fresh)
  const folder = builtRepository(packages)

  async function published(id: string): Promise<string> {
    const { feed } = await FolderUpstream.of(folder())
    const url = await makeMirror(server(), id, { feed })
    await syncWell(server(), id)
    return url
  }

  test(
    'is refreshed and installed from by zypper',
    requireClients('rpmbuild', 'createrepo_c', 'zypper', 'rpm'),
    async () => {
      const zypper = await Zypper.at(await published('zypper'))
      await zypper.run('refresh')
      const { stdout } = await zypper.run('--xmlout', 'search', '--details', '--type', 'package')
      assert.equal(stdout.match(/<solvable /g)?.length, packages.length)
      await zypper.run('install', 'app')
      assert.deepEqual(await zypper.installed(), ['app', 'library'])
    },
  )

  test("is read by createrepo_c's own tools", requireClients('rpmbuild', 'createrepo_c', 'dnf'), async () => {
    const url = await published('tools')
    const merged = await temporaryFolder()
    await succeed('mergerepo_c', ['--repo', url, '--outputdir', merged, '--omit-baseurl', '--no-database'])
    assert.equal((await listedIn(merged)).match(/<package /g)?.length, packages.length)

    const copy = await temporaryFolder()
    await (await Dnf.at(url)).reposync(copy)
    await succeed('sqliterepo_c', [copy])
    assert.ok((await filesBelow(copy)).some((path) => path.includes('primary.sqlite')))
    const { stdout, stderr } = await succeed(clientPath('createrepo_c'), [
      '--update',
      '--verbose',
      '--no-database',
      copy,
    ])
    const reused = `${stdout}${stderr}`.match(/CACHE HIT/g)?.length
    assert.equal(reused, packages.length, 'every package is taken from our metadata, none is read again')
  })

  test('is a feed for another mirror, which publishes the same packages', builders, async () => {
    const first = await published('first')
    const second = await makeMirror(server(), 'second', { feed: first })
    await syncWell(server(), 'second')
    assert.deepEqual(await listPublished(second), await listPublished(first))
  })
})

/** The primary metadata that mergerepo_c wrote. */
async function listedIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const name = (await filesBelow(folder)).find((path) => path.includes('primary.xml'))
  assert.ok(name)
  const { gunzipSync } = await import('node:zlib')
  return gunzipSync(await readFile(join(folder, name))).toString()
}

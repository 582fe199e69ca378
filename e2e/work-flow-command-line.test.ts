import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword } from './support/deckle-server.ts'
import { Dnf } from './support/dnf.ts'
import { makeMirror } from './support/mirrors.ts'
import { metadataOf, publishedChecksums, sha256, statusOf } from './support/published.ts'
import { fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'
import { freed, repositoryOf, storedFiles } from './support/work-flow.ts'

const packages: readonly PackageSpec[] = [
  { name: 'oak', requires: ['pine'] },
  { name: 'pine', bytes: 300_000 },
  { name: 'pine', version: '2.0' },
  { name: 'yew' },
]

onOneDatabase('the work flow of the command line', (fresh) => {
  const clients = requireClients('rpmbuild', 'dnf', 'rpm')
  const built = builtPackages(packages)
  const server = sharedServer(fresh, () => ({
    DECKLE_MAINTENANCE_INTERVAL: '1',
    DECKLE_PUBLICATION_GRACE: '1',
    DECKLE_BLOB_GRACE: '12',
  }))

  /** Returns what the command prints for programs. */
  async function run(...args: string[]) {
    const url = new URL(server().url)
    url.username = 'admin'
    url.password = adminPassword
    const { code, stdout, stderr } = await deckle([...args, '--json'], { DECKLE_URL: url.href })
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  const pathOf = (spec: PackageSpec) => join(built(), fileNameOf(spec))

  async function storedPackages(): Promise<number> {
    const stored = await storedFiles(server())
    const digests = await Promise.all(packages.map(async (spec) => sha256(await readFile(pathOf(spec)))))
    return digests.filter((digest) => stored.has(digest)).length
  }

  test('is right at every step, until nothing is left', { ...clients, timeout: 240_000 }, async () => {
    await makeMirror(server(), 'forest', {})
    const url = await makeMirror(server(), 'garden', {})
    assert.equal((await run('repo', 'upload', 'forest', ...packages.map(pathOf))).files.length, packages.length)
    await run('repo', 'copy', 'forest', 'garden', '--type', 'rpm', '--match', 'name~^(oak|pine|yew)$')
    await run('repo', 'remove-units', 'garden', '--match', 'name=pine', '--match', 'version=1.0')
    await run('repo', 'remove-units', 'garden', '--match', 'name=yew')
    assert.deepEqual((await run('repo', 'show', 'garden')).content_unit_counts, { rpm: 2 })
    assert.deepEqual((await run('repo', 'show', 'forest')).content_unit_counts, { rpm: 4 })
    assert.deepEqual([await storedPackages(), (await storedFiles(server())).size], [4, 4])
    await run('repo', 'publish', 'garden')
    assert.deepEqual(Object.keys(await publishedChecksums(url)), ['oak-1.0-1.noarch.rpm', 'pine-2.0-1.noarch.rpm'])
    assert.equal((await storedFiles(server())).size, 4 + Object.keys(await metadataOf(url)).length)
    const dnf = await Dnf.at(url)
    await dnf.install('oak')
    assert.deepEqual(await dnf.installed(), ['oak-1.0-1', 'pine-2.0-1'])

    await run('repo', 'delete', 'forest')
    assert.equal((await run('orphans', 'list')).rpm.count, 2)
    assert.deepEqual((await run('orphans', 'delete'))[0].result, { rpm: 2 })
    assert.deepEqual((await repositoryOf(server(), 'garden')).content_unit_counts, { rpm: 2 })
    await run('repo', 'delete', 'garden')
    assert.equal(await statusOf(`${url}repodata/repomd.xml`), 404)
    assert.equal((await run('orphans', 'delete', '--type', 'rpm'))[0].result, 2)
    assert.equal((await run('orphans', 'list')).rpm.count, 0)
    await freed(server())
  })
})

import assert from 'node:assert/strict'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { fileNameOf } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'
import type { SigningKey } from './support/signed-packages.ts'
import { bear, signedUpstream, strictHost } from './support/signed-upstream.ts'

type Config = Readonly<Record<string, unknown>>

async function makeExact(server: DeckleServer, id: string, importer: Config): Promise<string> {
  await server.client.createRepository({
    id,
    importer_type_id: 'yum_importer',
    importer_config: { ...importer, metadata: 'exact' },
    distributors: [
      {
        distributor_type_id: 'yum_distributor',
        distributor_id: 'yum_distributor',
        distributor_config: { relative_url: id, http: true, https: true, metadata: 'exact' },
        auto_publish: true,
      },
    ],
  })
  return `${server.url}/pulp/repos/${id}/`
}

async function signIndex(folder: string, { id, home }: SigningKey): Promise<void> {
  const args = ['--homedir', home, '--batch', '--yes', '--armor', '--local-user', id, '--detach-sign']
  await succeed(clientPath('gpg'), [...args, join(folder, 'repodata/repomd.xml')])
}

/** A signed package in a folder of its own, databases, a group and another file; all of that signed too. */
async function exactUpstream() {
  const { folder, key, gpgkey } = await signedUpstream()
  await mkdir(join(folder, 'Packages/b'), { recursive: true })
  await rename(join(folder, fileNameOf(bear)), join(folder, 'Packages/b', fileNameOf(bear)))
  const comps =
    '<comps><group><id>zoo</id><name>Zoo</name><packagelist><packagereq>bear</packagereq></packagelist></group></comps>'
  await writeMetadata(folder, { database: true, comps })
  const product = join(await temporaryFolder(), 'productid')
  await writeFile(product, 'a certificate')
  await succeed(clientPath('modifyrepo_c'), [
    '--mdtype=productid',
    '--no-compress',
    '--simple-md-filenames',
    product,
    join(folder, 'repodata'),
  ])
  await signIndex(folder, key)
  return { folder, key, gpgkey }
}

onOneDatabase('the metadata of upstream', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'rpm', 'gpg')
  const server = sharedServer(fresh)

  test('holds where it is shown as it is, byte for byte', clients, async () => {
    const { folder, key, gpgkey } = await exactUpstream()
    const upstream = await FolderUpstream.of(folder)
    upstream.server.put('/key', gpgkey)
    const url = await makeExact(server(), 'exact', { feed: upstream.feed, remove_missing: true })
    await syncWell(server(), 'exact')
    for (const path of await filesBelow(folder))
      assert.deepEqual(await fetchBytes(url + path), upstream.read(path), path)
    const folders = []
    for (const place of [upstream.feed, url]) {
      const [copy, dnf] = [await temporaryFolder(), await strictHost(place, [upstream.server.url('/key')])]
      await dnf.reposync(copy)
      folders.push(copy)
    }
    await succeed('/usr/bin/diff', ['-r', ...folders])
    assert.ok((await filesBelow(folders[1] ?? '')).length > 5)
    const dnf = await strictHost(url, [upstream.server.url('/key')])
    await dnf.install('bear')
    assert.ok((await dnf.installed()).includes('bear-1.0-1'))

    const stable = await makeExact(server(), 'exact-stable', {})
    const promoted = { source_repo_id: 'exact' }
    const promotion = await call(server(), 'POST', '/pulp/api/v2/repositories/exact-stable/actions/promote/', promoted)
    requireFinished(await poll(server(), promotion))
    assert.deepEqual(await fetchBytes(`${stable}repodata/repomd.xml`), upstream.read('repodata/repomd.xml'))
    assert.deepEqual(
      await fetchBytes(`${stable}Packages/b/${fileNameOf(bear)}`),
      upstream.read(`Packages/b/${fileNameOf(bear)}`),
    )

    await writeMetadata(folder)
    await signIndex(folder, key)
    await upstream.update()
    await syncWell(server(), 'exact')
    assert.deepEqual(await fetchBytes(`${url}repodata/repomd.xml.asc`), upstream.read('repodata/repomd.xml.asc'))
  })

  test('is not shown of what was changed here', clients, async () => {
    const { folder } = await exactUpstream()
    const url = await makeExact(server(), 'changed', { feed: (await FolderUpstream.of(folder)).feed })
    await syncWell(server(), 'changed')
    const before = await fetchBytes(`${url}repodata/repomd.xml`)
    const criteria = { criteria: { type_ids: ['rpm'] } }
    const repository = '/pulp/api/v2/repositories/changed/actions/'
    requireFinished(await poll(server(), await call(server(), 'POST', `${repository}unassociate/`, criteria)))
    const [task] = await poll(
      server(),
      await call(server(), 'POST', `${repository}publish/`, { id: 'yum_distributor' }),
    )
    assert.equal(task?.state, 'error')
    assert.match(JSON.stringify(task?.error), /cannot be published with metadata: exact.*0 rpm where upstream has 1/)
    assert.deepEqual(await fetchBytes(`${url}repodata/repomd.xml`), before)
  })
})

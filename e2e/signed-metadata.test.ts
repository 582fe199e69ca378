import assert from 'node:assert/strict'
import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, fileNameOf } from './support/rpm-packages.ts'
import { sharedServer, startServer, testFolder } from './support/servers.ts'
import { makeSigningKey, publicKeyOf, type SigningKey, secretKeyOf, signPackage } from './support/signed-packages.ts'

const bear = { name: 'bear' }

type Config = Readonly<Record<string, unknown>>

async function makeSigned(server: DeckleServer, id: string, feed: string | null, config: Config = {}): Promise<string> {
  await server.client.createRepository({
    id,
    importer_type_id: 'yum_importer',
    importer_config: feed === null ? {} : { feed },
    distributors: [
      {
        distributor_type_id: 'yum_distributor',
        distributor_id: 'yum_distributor',
        distributor_config: { relative_url: id, http: true, https: true, gpg_sign_metadata: true, ...config },
        auto_publish: true,
      },
    ],
  })
  return `${server.url}/pulp/repos/${id}/`
}

/** A host that takes neither packages nor metadata without a signature by one of these keys. */
function strictHost(url: string, keys: readonly string[]): Promise<Dnf> {
  const checks = 'gpgcheck=1\nrepo_gpgcheck=1\n'
  return Dnf.with(`[m]\nname=m\nbaseurl=${url}\nenabled=1\n${checks}gpgkey=${keys.join('\n       ')}\n`)
}

/** What gpg says of the signature of a publication's index, with the key that it shows beside it. */
async function verified(url: string): Promise<string> {
  const folder = await temporaryFolder()
  for (const name of ['repomd.xml', 'repomd.xml.asc', 'repomd.xml.key'])
    await writeFile(join(folder, name), await fetchBytes(`${url}repodata/${name}`))
  const path = (name: string) => join(folder, name)
  await succeed(clientPath('gpg'), [
    '--homedir',
    folder,
    '--no-default-keyring',
    '--keyring',
    path('k'),
    '--batch',
    '--import',
    path('repomd.xml.key'),
  ])
  const args = ['--homedir', folder, '--no-default-keyring', '--keyring', path('k'), '--batch', '--verify']
  return (await succeed(clientPath('gpg'), [...args, path('repomd.xml.asc'), path('repomd.xml')])).stderr
}

/** A package that somebody has signed, below a feed. */
async function signedUpstream() {
  const [folder, key] = [await temporaryFolder(), await makeSigningKey('rsa2048')]
  await buildPackages(folder, [bear])
  await signPackage(join(folder, fileNameOf(bear)), key)
  await writeMetadata(folder)
  return { folder, key, gpgkey: await publicKeyOf(key) }
}

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

onOneDatabase('signed metadata', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'rpm', 'gpg')
  const server = sharedServer(fresh)
  const ownKey = () => `${server().url}/pulp/static/metadata_pub.key`

  test(
    'satisfies a host that takes nothing without a signature, and is refused when it was changed',
    clients,
    async () => {
      const { folder, gpgkey } = await signedUpstream()
      const url = await makeSigned(server(), 'signed', (await FolderUpstream.of(folder)).feed, { gpgkey })
      await syncWell(server(), 'signed')
      assert.match(await verified(url), /Good signature from "Deckle metadata/)
      assert.deepEqual(await fetchBytes(`${url}repodata/repomd.xml.key`), await fetchBytes(ownKey()))
      const dnf = await strictHost(url, [ownKey(), `${url}pulp.key`])
      await dnf.install('bear')
      assert.ok((await dnf.installed()).includes('bear-1.0-1'))
      const without = await (await strictHost(url, [ownKey()])).run('install', 'bear')
      assert.notEqual(without.code, 0)
      assert.match(
        without.stdout + without.stderr,
        /Public key for bear-1.0-1.noarch.rpm is not installed|GPG check FAILED/,
      )

      const [copy, index] = [await temporaryFolder(), 'repodata/repomd.xml']
      await cp(folder, copy, { recursive: true })
      await writeFile(join(copy, `${index}.asc`), await fetchBytes(`${url}${index}.asc`))
      await writeFile(join(copy, index), `${await readFile(join(copy, index), 'utf8')}\n`)
      const other = await strictHost((await FolderUpstream.of(copy)).feed, [ownKey(), `${url}pulp.key`])
      const refused = await other.run('install', 'bear')
      assert.notEqual(refused.code, 0)
      assert.match(refused.stderr, /GPG signature verification error/)
    },
  )

  test('is signed anew where a promotion tells another age', clients, async () => {
    const { folder } = await signedUpstream()
    const tested = await makeSigned(server(), 'tested', (await FolderUpstream.of(folder)).feed)
    await syncWell(server(), 'tested')
    // Younger than what it is given, by the whole seconds that an index tells.
    const second = Math.floor(Date.now() / 1000)
    await eventually(() => Math.floor(Date.now() / 1000) > second)
    const stable = await makeSigned(server(), 'stable', null)
    await poll(
      server(),
      await call(server(), 'POST', '/pulp/api/v2/repositories/stable/actions/publish/', { id: 'yum_distributor' }),
    )
    const order = { source_repo_id: 'tested' }
    const [task] = await poll(
      server(),
      await call(server(), 'POST', '/pulp/api/v2/repositories/stable/actions/promote/', order),
    )
    assert.match(JSON.stringify(task?.result), /"shown":"shared"/)
    const [one, other] = await Promise.all([tested, stable].map((url) => fetchBytes(`${url}repodata/repomd.xml`)))
    assert.notDeepEqual(one, other)
    for (const url of [tested, stable]) assert.match(await verified(url), /Good signature/)
  })

  test('is signed with the key of the operator, where the settings name one', clients, async (t) => {
    const key = await makeSigningKey('rsa2048')
    const [folder, file] = [await temporaryFolder(), join(await temporaryFolder(), 'key.asc')]
    await writeFile(file, await secretKeyOf(key), { mode: 0o600 })
    const settings = { DECKLE_SIGNING_KEY: file }
    const own = await startServer(t, { dataDir: await testFolder(t), databaseUrl: await fresh.url(), settings })
    await writeMetadata(folder)
    const url = await makeSigned(own, 'mine', (await FolderUpstream.of(folder)).feed)
    await syncWell(own, 'mine')
    assert.match(await verified(url), /Good signature from "Signer <signer@example.test>"/)
  })

  test('of upstream holds where its metadata is shown as it is, byte for byte', clients, async () => {
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

  test('of upstream is not shown of what was changed here', clients, async () => {
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

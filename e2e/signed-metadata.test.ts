import assert from 'node:assert/strict'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { sharedServer, startServer, testFolder } from './support/servers.ts'
import { makeSigningKey, secretKeyOf } from './support/signed-packages.ts'
import { signedUpstream, strictHost } from './support/signed-upstream.ts'

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

onOneDatabase('signed metadata', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm', 'gpg')
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
      await writeFile(join(copy, index), `${await fetchBytes(`${url}${index}`)}\n`)
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
    const own = await startServer(t, { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl(), settings })
    await writeMetadata(folder)
    const url = await makeSigned(own, 'mine', (await FolderUpstream.of(folder)).feed)
    await syncWell(own, 'mine')
    assert.match(await verified(url), /Good signature from "Signer <signer@example.test>"/)
  })
})

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Type } from 'typebox'
import { clientCertificate, clientKey, serverCertificate, serverKey } from '../src/testing/certificates.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { startProxy } from '../src/testing/forward-proxy.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { UpstreamServer, type UpstreamServerOptions } from '../src/testing/upstream-server.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { makeMirror, sync, syncWell } from './support/mirrors.ts'
import { uploadPackage } from './support/package-uploads.ts'
import { fetchBytes, listPublished } from './support/published.ts'
import { call, poll, read } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'
import { makeSigningKey, type SigningKey, signPackage } from './support/signed-packages.ts'

const plain: PackageSpec = { name: 'plain' }
const ours: PackageSpec = { name: 'ours' }
const theirs: PackageSpec = { name: 'theirs' }
const tls = { key: serverKey, cert: serverCertificate, clientCa: clientCertificate }
const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`

const UploadRequest = Type.Object({ upload_id: Type.String() })

onOneDatabase('the importer of a yum repository', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c')
  const signers = requireClients('rpmbuild', 'createrepo_c', 'rpm', 'gpg')
  const server = sharedServer(fresh, () => ({ DECKLE_FEED_DIRS: tmpdir() }))
  const built = builtPackages([plain, ours, theirs])

  async function upstreamFolder(specs: readonly PackageSpec[], keys: Record<string, SigningKey> = {}): Promise<string> {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, specs)
    for (const [name, key] of Object.entries(keys)) await signPackage(join(folder, name), key)
    await writeMetadata(folder)
    return folder
  }

  test('takes only packages that are signed with the keys that it allows', signers, async () => {
    const keys = [await makeSigningKey('rsa2048'), await makeSigningKey('ed25519')] as const
    const folder = await upstreamFolder([plain, ours, theirs], {
      [fileNameOf(ours)]: keys[0],
      [fileNameOf(theirs)]: keys[1],
    })
    const { feed } = await FolderUpstream.of(folder)
    const allowed = keys[0].id.slice(-8).toUpperCase()
    const other = keys[1].id.slice(-8)
    const all = await makeMirror(server(), 'signed-any', { feed })
    const wrong = { 'theirs-1.0-1.noarch.rpm': 'RPM1014' }
    const missing = { 'plain-1.0-1.noarch.rpm': 'RPM1013' }
    for (const [id, config, taken, refused] of [
      ['signed-strict', { require_signature: true, allowed_keys: [allowed] }, [ours], { ...missing, ...wrong }],
      ['signed-required', { require_signature: 'true' }, [ours, theirs], missing],
      ['signed-allowed', { allowed_keys: `${allowed}, deadbeef` }, [ours, plain], wrong],
    ] as const) {
      // The first one has nothing stored when it looks; the others look at what is there by then.
      const url = await makeMirror(server(), id, { feed, ...config })
      assert.deepEqual(refusedIn(await syncWell(server(), id)), refused, id)
      assert.deepEqual(await publishedNames(url), taken.map(fileNameOf).sort(), id)
      if (id === 'signed-strict') await syncWell(server(), 'signed-any')
    }
    assert.equal((await publishedNames(all)).length, 3)
    const upload = (spec: PackageSpec) => ({
      repository: 'signed-strict',
      type: 'rpm',
      path: join(folder, fileNameOf(spec)),
    })
    assert.match(JSON.stringify(await uploadPackage(server(), upload(plain))), /RPM1013/)
    const [refusal] = await uploadPackage(server(), upload(theirs))
    assert.equal(refusal?.state, 'error')
    assert.match(JSON.stringify(refusal), new RegExp(`RPM1014.*${other}|${other}.*RPM1014`))
  })

  for (const download_policy of ['immediate', 'on_demand'] as const) {
    test(
      `adds its token to the query of each request, ${download_policy}, and shows it to nobody else`,
      clients,
      async () => {
        const upstream = await folderServer(await upstreamFolder([plain]), ({ url = '' }) => url.endsWith('?ab=c,1'))
        const id = `token-${download_policy}`
        const url = await makeMirror(server(), id, {
          feed: upstream.url('/u/'),
          query_auth_token: 'ab=c,1',
          download_policy,
        })
        const tasks = await syncWell(server(), id)
        await fetchBytes(url + ((await listPublished(url))[0]?.href ?? ''))
        assert.ok(upstream.paths.length >= 4)
        assert.ok(
          upstream.paths.every((path) => path.endsWith('?ab=c,1')),
          upstream.paths.join(),
        )
        const report = JSON.stringify([
          tasks,
          await call(server(), 'GET', `/pulp/api/v2/repositories/${id}/?details=true`),
        ])
        assert.doesNotMatch(report, /ab=c/)
        assert.doesNotMatch(server().log, /ab=c/)
      },
    )
  }

  test('moves credentials out of the feed, and shows them to the upstream', clients, async () => {
    const upstream = await FolderUpstream.of(await upstreamFolder([plain]))
    await makeMirror(server(), 'basic', { feed: upstream.feed.replace('//', '//me:p%40ss@') })
    await syncWell(server(), 'basic')
    const { body } = await call(server(), 'GET', '/pulp/api/v2/repositories/basic/importers/yum_importer/')
    assert.deepEqual((body as { config: unknown }).config, {
      feed: upstream.feed,
      basic_auth_username: 'me',
      basic_auth_password: '*****',
    })
    assert.deepEqual(
      new Set(upstream.server.requests.map(({ headers }) => headers.authorization)),
      new Set([basic('me:p@ss')]),
    )
  })

  test('speaks TLS with its own certificate, through a proxy that wants a password', clients, async () => {
    const upstream = await folderServer(await upstreamFolder([plain]), () => true, { tls })
    const proxy = await startProxy()
    const url = await makeMirror(server(), 'tunnel', {
      feed: upstream.url('/u/'),
      ssl_ca_cert: serverCertificate,
      ssl_client_cert: clientCertificate,
      ssl_client_key: clientKey,
      proxy_host: 'http://127.0.0.1',
      proxy_port: String(proxy.port),
      proxy_username: 'me',
      proxy_password: 'hunter2',
    })
    await syncWell(server(), 'tunnel')
    assert.deepEqual(await publishedNames(url), [fileNameOf(plain)])
    assert.ok(upstream.requests.every(({ clientCertificate: name }) => name === 'mirror-client'))
    assert.ok(proxy.seen.length > 0)
    assert.ok(proxy.seen.every(({ target }) => target === `127.0.0.1:${upstream.port}`))
    assert.ok(proxy.seen.every(({ authorization }) => authorization === basic('me:hunter2')))
  })

  test('asks its proxy for http: upstreams, and says that the proxy refuses', clients, async () => {
    const upstream = await FolderUpstream.of(await upstreamFolder([plain]))
    const [proxy, refusing] = [await startProxy(), await startProxy(407)]
    const config = { feed: upstream.feed, proxy_host: '127.0.0.1' }
    await makeMirror(server(), 'proxied', { ...config, proxy_port: proxy.port })
    await syncWell(server(), 'proxied')
    assert.equal(proxy.seen.length, upstream.server.requests.length)
    await makeMirror(server(), 'proxy-refuses', { ...config, proxy_port: refusing.port })
    const [task] = await sync(server(), 'proxy-refuses')
    assert.equal(task?.state, 'error')
    assert.match(task?.error?.description ?? '', /407/)
  })

  test('stores an uploaded erratum apart from the repository when it is told so', async () => {
    await makeMirror(server(), 'advised', {})
    const upload = async (id: string, override_config: object) => {
      const { upload_id } = read(UploadRequest, await call(server(), 'POST', '/pulp/api/v2/content/uploads/', {}))
      const unit = { unit_type_id: 'erratum', unit_key: { id }, unit_metadata: { title: id } }
      const path = '/pulp/api/v2/repositories/advised/actions/import_upload/'
      const [task] = await poll(server(), await call(server(), 'POST', path, { upload_id, ...unit, override_config }))
      assert.equal(task?.state, 'finished', JSON.stringify(task))
    }
    const found = async (path: string) => {
      const { body } = await call(server(), 'POST', path, { criteria: {} })
      return (
        JSON.stringify(body)
          .match(/"id":"(LINKED|APART)"/g)
          ?.sort() ?? []
      )
    }
    await upload('LINKED', {})
    await upload('APART', { skip_erratum_link: true })
    assert.deepEqual(await found('/pulp/api/v2/repositories/advised/search/units/'), ['"id":"LINKED"'])
    assert.deepEqual(await found('/pulp/api/v2/content/units/erratum/search/'), ['"id":"APART"', '"id":"LINKED"'])
    await upload('APART', {})
    assert.equal((await found('/pulp/api/v2/repositories/advised/search/units/')).length, 2)
  })

  test('reads a file: feed below the folders that are allowed, and no other', clients, async () => {
    const folder = await upstreamFolder([plain, ours])
    const url = await makeMirror(server(), 'local', { feed: pathToFileURL(folder).href })
    await syncWell(server(), 'local')
    assert.deepEqual(await publishedNames(url), [ours, plain].map(fileNameOf))
    await makeMirror(server(), 'elsewhere', { feed: 'file:///etc/' })
    const [task] = await sync(server(), 'elsewhere')
    assert.equal(task?.state, 'error')
    assert.match(task?.error?.description ?? '', /DECKLE_FEED_DIRS/)
  })
})

/** A folder below `/u/` of a server of its own, for those requests that `lets`; others are answered 403. */
async function folderServer(
  folder: string,
  lets: (request: IncomingMessage) => boolean,
  options: UpstreamServerOptions = {},
): Promise<UpstreamServer> {
  const server = await UpstreamServer.start({}, options)
  for (const path of await filesBelow(folder)) {
    const body = await readFile(join(folder, path))
    server.put(`/u/${path}`, (request) => (lets(request) ? { body } : { status: 403 }))
  }
  return server
}

/** The packages that a sync did not take, by name, and why. */
function refusedIn([task]: Awaited<ReturnType<typeof syncWell>>): Record<string, string> {
  const report = task?.progress_report['yum_importer'] as { content: { error_details: readonly Refused[] } }
  return Object.fromEntries(report.content.error_details.map(({ name, error_code }) => [name, error_code]))
}

interface Refused {
  readonly name: string
  readonly error_code: string
}

async function publishedNames(url: string): Promise<string[]> {
  return (await listPublished(url)).map(({ href }) => href.replace(/^.*\//, '')).sort()
}

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { text } from '../src/testing/entitlements.ts'
import { TestAuthority } from '../src/testing/test-authority.ts'
import { PulpLogin } from '../src/wire/pulp/login.ts'
import { builtRepository } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { deckle } from './support/command-line.ts'
import { ConsumerAgentProcess, passwordFile } from './support/consumer-agent.ts'
import { adminPassword } from './support/deckle-server.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { call, poll, read } from './support/pulp-calls.ts'
import { complaintOfCurl, curl, type Identity, saveIdentity, secureUrl } from './support/secure-calls.ts'
import { sharedServer, startServer, testFolder } from './support/servers.ts'

const api = '/pulp/api/v2'
const user = `admin:${adminPassword}`
const certificateNeeded = /client certificate is needed/

onOneDatabase('TLS', (fresh) => {
  const clients = requireClients('curl')
  const packageClients = requireClients('curl', 'rpmbuild', 'createrepo_c', 'dnf', 'rpm')
  const built = builtRepository([{ name: 'walrus' }])
  const server = sharedServer(fresh, () => ({ DECKLE_TLS: 'true', DECKLE_HTTPS_PORT: '0' }))
  const ownAuthority = () => join(server().dataDir, 'tls', 'ca.pem')

  /** A repository with one package, published by a distributor for each of these configs. */
  async function publish(id: string, configs: readonly Readonly<Record<string, unknown>>[]) {
    const upstream = await FolderUpstream.of(built())
    await server().client.createRepository({
      id,
      notes: { '_repo-type': 'rpm-repo' },
      importer_type_id: 'yum_importer',
      importer_config: { feed: upstream.feed },
      distributors: configs.map((config, index) => ({
        distributor_type_id: 'yum_distributor',
        distributor_id: `yum_${index}`,
        distributor_config: config,
        auto_publish: true,
      })),
    })
    await syncWell(server(), id)
  }

  async function configure(id: string, distributor: string, config: Readonly<Record<string, unknown>>) {
    const path = `${api}/repositories/${id}/distributors/${distributor}/`
    await poll(server(), await call(server(), 'PUT', path, { distributor_config: config }))
  }

  async function publishAgain(id: string, distributor: string) {
    const path = `${api}/repositories/${id}/actions/publish/`
    await poll(server(), await call(server(), 'POST', path, { id: distributor }))
  }

  async function logIn(): Promise<PulpLogin> {
    const call = { ca: ownAuthority(), method: 'POST', user }
    const { status, body } = await curl(`${await secureUrl(server())}${api}/actions/login/`, call)
    return read(PulpLogin, { status, location: null, body: JSON.parse(body) })
  }

  test('makes an authority and a certificate, which curl and the command line can trust', clients, async (t) => {
    const [url, ca] = [await secureUrl(server()), ownAuthority()]
    assert.equal((await stat(join(server().dataDir, 'tls', 'server.pem'))).mode & 0o777, 0o600)
    assert.doesNotMatch(await readFile(ca, 'utf8'), /PRIVATE KEY/)
    assert.equal((await curl(`${url}${api}/status/`, { ca })).status, 200)
    assert.equal((await curl(`${url.replace('127.0.0.1', 'localhost')}${api}/status/`, { ca })).status, 200)
    const links = JSON.parse((await curl(`${url}/v1`, { ca, user })).body)
    assert.equal(links.links.hosts, `${url}/v1/hosts`)
    assert.match(await complaintOfCurl(`${url}${api}/status/`), /certificate/)

    const here = await deckle(['status'], { DECKLE_URL: url, DECKLE_DATA_DIR: server().dataDir })
    assert.equal(here.code, 0, here.stderr)
    const folder = await testFolder(t)
    await copyFile(ca, join(folder, 'ca.pem'))
    const elsewhere = { DECKLE_URL: url.replace('//', `//${user}@`), DECKLE_DATA_DIR: folder }
    assert.match((await deckle(['repo', 'list'], elsewhere)).stderr, /not trusted here; name it with --ca or DECKLE_CA/)
    assert.equal((await deckle(['--ca', join(folder, 'ca.pem'), 'repo', 'list'], elsewhere)).code, 0)
    assert.equal((await deckle(['repo', 'list'], { ...elsewhere, DECKLE_CA: join(folder, 'ca.pem') })).code, 0)
  })

  test('keeps what it has made over a restart, and makes a certificate for other names', clients, async (t) => {
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl() }
    const made = async (settings: Record<string, string>) => {
      const one = await startServer(t, { ...options, settings: { DECKLE_HTTPS_PORT: '0', ...settings } })
      const ca = join(one.dataDir, 'tls', 'ca.pem')
      assert.equal((await curl(`${await secureUrl(one)}${api}/status/`, { ca })).status, 200)
      await one.stop()
      const files = [ca, join(one.dataDir, 'tls', 'server.pem')]
      return Promise.all(files.map((path) => readFile(path, 'utf8')))
    }
    const [authority, certificate] = await made({})
    assert.deepEqual(await made({}), [authority, certificate])
    const [sameAuthority, other = ''] = await made({ DECKLE_TLS_NAMES: 'mirror.test,127.0.0.1' })
    assert.equal(sameAuthority, authority)
    assert.equal(new X509Certificate(other).checkHost('mirror.test'), 'mirror.test')
  })

  test('is spoken with a certificate that is given', clients, async (t) => {
    const folder = await testFolder(t)
    const authority = await TestAuthority.make()
    const { certificate, key } = await saveIdentity(folder, 'given', await authority.server(['127.0.0.1']))
    const ca = join(folder, 'ca.pem')
    await writeFile(ca, authority.certificate)
    const settings = { DECKLE_TLS_CERT: certificate, DECKLE_TLS_KEY: key, DECKLE_HTTPS_PORT: '0' }
    const one = await startServer(t, {
      dataDir: join(folder, 'data'),
      databaseUrl: await fresh.preparedUrl(),
      settings,
    })
    assert.equal((await curl(`${await secureUrl(one)}${api}/status/`, { ca })).status, 200)
    assert.doesNotMatch(one.log, /PRIVATE KEY/)
  })

  test('proves users by the certificate that they get by logging in', clients, async (t) => {
    const [url, ca, folder] = [await secureUrl(server()), ownAuthority(), await testFolder(t)]
    const as = await saveIdentity(folder, 'admin', await logIn())
    const status = async (path: string, shown?: Identity) =>
      (await curl(`${url}${api}${path}`, { ca, ...(shown && { as: shown }) })).status
    assert.equal(await status('/users/', as), 200)
    assert.equal(await status('/users/'), 401)
    const name = new X509Certificate(await readFile(as.certificate)).subject.replace('CN=', '')
    const foreign = await saveIdentity(folder, 'foreign', await (await TestAuthority.make()).client(name))
    assert.equal(await status('/users/', foreign), 401)
    const again = await logIn()
    assert.notEqual(again.key, await readFile(as.key, 'utf8'))
    assert.equal(await status('/users/', as), 200)
    assert.doesNotMatch(server().log, /PRIVATE KEY/)
  })

  test('lets nobody see a protected repository but those its authority vouches for', packageClients, async (t) => {
    const [url, folder] = [await secureUrl(server()), await testFolder(t)]
    const authority = await TestAuthority.make()
    const host = await authority.client('host')
    const own = await saveIdentity(folder, 'host', host)
    const foreign = await saveIdentity(folder, 'foreign', await (await TestAuthority.make()).client('host'))
    const entitlement = { '1.3.6.1.4.1.2312.9.2.1.1.6': text('/zoo/$releasever/os') }
    const entitled = await saveIdentity(folder, 'entitled', await authority.client('host', { extensions: entitlement }))
    const guard = { http: true, https: true, auth_ca: authority.certificate, auth_cert: host.certificate + host.key }
    await publish('zoo', [
      { ...guard, relative_url: 'zoo/1/os' },
      { ...guard, relative_url: 'zoo/1/debug' },
    ])

    const ca = ownAuthority()
    const index = (path: string) => `${url}/pulp/repos/zoo/1/${path}/repodata/repomd.xml`
    const answers: [path: string, as: Identity | undefined, status: number, said: RegExp][] = [
      ['os', own, 200, /<repomd/],
      ['os', undefined, 403, certificateNeeded],
      ['os', foreign, 403, /not of the authority of this content/],
      ['os', entitled, 200, /<repomd/],
      ['debug', own, 200, /<repomd/],
      ['debug', entitled, 403, /gives no right to this path/],
    ]
    for (const [path, as, status, said] of answers) {
      const answer = await curl(index(path), { ca, ...(as && { as }) })
      assert.equal(answer.status, status, `${path} ${as?.certificate}`)
      assert.match(answer.body, said)
    }
    const plain = await curl(index('os').replace(url, server().url), { ca })
    assert.equal(plain.status, 403)
    assert.match(plain.body, /never goes over plain HTTP/)

    const dnf = (path: string, as?: Identity) => {
      const proof = as === undefined ? '' : `sslclientcert=${as.certificate}\nsslclientkey=${as.key}\n`
      const place = `baseurl=${url}/pulp/repos/zoo/$releasever/${path}/\nsslverify=1\nsslcacert=${ca}\n`
      return Dnf.with(`[m]\nname=m\n${place}${proof}enabled=1\ngpgcheck=0\n`)
    }
    const allowed = await dnf('os', entitled)
    await allowed.install('walrus')
    assert.deepEqual(await allowed.installed(), ['walrus-1.0-1'])
    for (const refused of [await dnf('os'), await dnf('os', foreign), await dnf('debug', entitled)]) {
      const { code, stderr } = await refused.run('install', 'walrus')
      assert.notEqual(code, 0)
      assert.match(stderr, /403/)
    }
  })

  test('protects what is published from the next publish on', packageClients, async () => {
    const { certificate } = await TestAuthority.make()
    const guard = { auth_ca: certificate, auth_cert: certificate }
    await publish('later', [{ relative_url: 'later', http: true, https: true }])
    const index = `${await secureUrl(server())}/pulp/repos/later/repodata/repomd.xml`
    const change = async (config: Readonly<Record<string, unknown>>) => {
      await configure('later', 'yum_0', config)
      const before = (await curl(index, { ca: ownAuthority() })).status
      await publishAgain('later', 'yum_0')
      return [before, (await curl(index, { ca: ownAuthority() })).status]
    }
    assert.deepEqual(await change(guard), [200, 403])
    assert.deepEqual(await change({ auth_ca: null, auth_cert: null }), [403, 200])
  })

  test('gives a bound consumer all that it needs for a protected repository', packageClients, async (t) => {
    const [root, state, url] = [await testFolder(t), await testFolder(t), await secureUrl(server())]
    const authority = await TestAuthority.make()
    const host = await authority.client('host')
    const guard = { auth_ca: authority.certificate, auth_cert: host.certificate + host.key }
    await publish('bound', [{ ...guard, relative_url: 'bound', http: false, https: true }])
    const shown = await call(server(), 'GET', `${api}/repositories/bound/distributors/`)
    assert.match(JSON.stringify(shown.body), /-----BEGIN CERTIFICATE-----/)
    assert.match(JSON.stringify(shown.body), /-----BEGIN PRIVATE KEY-----\\n\*{5}\\n/)

    await writeFile(join(state, 'password'), passwordFile)
    const places = ['--root', root, '--state-dir', state, '--url', url, '--ca', ownAuthority()]
    const registrar = ['--user', 'admin', '--password-file', join(state, 'password')]
    const agent = await ConsumerAgentProcess.start(t, server(), 'east', [...places, ...registrar])
    const wanted = { repo_id: 'bound', distributor_id: 'yum_0' }
    const [bound] = await poll(server(), await call(server(), 'POST', `${api}/consumers/east/bindings/`, wanted))
    assert.equal(bound?.state, 'finished')
    const dnf = await Dnf.with(await readFile(join(root, 'etc/yum.repos.d/deckle.repo'), 'utf8'))
    await dnf.install('walrus')
    assert.deepEqual(await dnf.installed(), ['walrus-1.0-1'])
    assert.doesNotMatch(`${agent.log}${server().log}`, /PRIVATE KEY/)
  })

  test('makes the keys http and https of distributors mean what they say', packageClients, async () => {
    const places = [
      { http: true, https: true },
      { http: true, https: false },
      { http: false, https: true },
    ]
    const named = places.map((place) => ({ ...place, relative_url: `on-${place.http}-${place.https}` }))
    await publish('places', named)
    const [url, ca] = [await secureUrl(server()), ownAuthority()]
    for (const { relative_url: path, http, https } of named) {
      const index = `/pulp/repos/${path}/repodata/repomd.xml`
      assert.equal((await curl(server().url + index, { ca })).status, http ? 200 : 404, path)
      assert.equal((await curl(url + index, { ca })).status, https ? 200 : 404, path)
    }
  })

  test('guards plain files by their keys', clients, async (t) => {
    const [folder, source] = [await testFolder(t), await testFolder(t)]
    const authority = await TestAuthority.make()
    const as = await saveIdentity(folder, 'host', await authority.client('host'))
    await writePlainFiles(source, { 'a.txt': 'a' })
    const plain = await makeFilesMirror(server(), 'plain', { feed: (await FolderUpstream.of(source)).feed })
    const guard = { serve_http: false, serve_https: true, ssl_auth_ca_cert: authority.certificate }
    await configure('plain', 'iso_distributor', guard)
    await syncWell(server(), 'plain')
    const [secure, ca] = [plain.replace(server().url, await secureUrl(server())), ownAuthority()]
    const status = async (url: string, shown = {}) => (await curl(`${url}a.txt`, { ca, ...shown })).status
    assert.deepEqual([await status(plain), await status(secure), await status(secure, { as })], [404, 403, 200])
  })
})

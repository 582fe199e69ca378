import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { clientCertificate, clientKey } from '../src/testing/certificates.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { deadUrl } from '../src/testing/scripted-server.ts'
import { UpstreamServer } from '../src/testing/upstream-server.ts'
import { Cable } from './support/cable.ts'
import { deckle } from './support/command-line.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { startServer, testFolder } from './support/servers.ts'

/** What stands nowhere but in settings, requests and configs that were given to the server. */
const secrets = {
  feed: 'feed-hush-1',
  proxy: 'proxy-hush-2',
  basic: 'basic-hush-3',
  key: 'a2V5LWh1c2gtNA',
  /** Of a key that the TLS library takes. */
  realKey: clientKey.split('\n')[1] ?? '',
  admin: 'admin-hush-5',
  guessed: 'guessed-hush-6',
  bearer: 'bearer-hush-7',
  redirect: 'redirect-hush-9',
  metadata: 'metadata-hush-10',
}

const api = '/pulp/api/v2'
const login = { basic_auth_username: 'me', basic_auth_password: secrets.basic }

interface Place {
  readonly server: DeckleServer
  readonly link: Cable
  readonly databasePassword: string
  readonly environment: Readonly<Record<string, string>>
  /** Everything that the server has answered. */
  readonly answers: string[]
  call(method: string, path: string, body?: unknown, authorization?: string): Promise<{ status: number; text: string }>
}

const basic = (password: string) => `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`

onOneDatabase('a secret', (fresh) => {
  test('stands in no log line, answer, report, history, metric or finding, whatever fails', async (t) => {
    const place = await prepare(t, await fresh.url())
    await breakSyncs(place)
    await refuseRequests(place)
    await loseDatabase(place)
    await askOperations(place)
    const token = (await readFile(join(place.server.dataDir, 'cli-token'), 'utf8')).trim()
    const { databasePassword } = place
    const forms = Object.values({ ...secrets, token, databasePassword }).flatMap((secret) => [
      secret,
      Buffer.from(`admin:${secret}`).toString('base64'),
      Buffer.from(`me:${secret}`).toString('base64'),
    ])
    const { exited } = place.server
    await place.server.stop()
    await exited
    const written = [...place.answers, ...place.server.log.split('\n')]
    for (const form of forms) {
      const betrayal = written.find((text) => text.includes(form))
      assert.equal(betrayal, undefined, `${form} stands in: ${betrayal}`)
    }
    assert.ok(place.answers.length > 40, 'everything was asked')
  })
})

async function prepare(t: TestContext, databaseUrl: string): Promise<Place> {
  const link = await Cable.to(t, databaseUrl)
  const url = new URL(link.url)
  // A database that asks for none takes any.
  url.password ||= 'database-hush-8'
  const settings = { DECKLE_ADMIN_PASSWORD: secrets.admin, DECKLE_LOG_LEVEL: 'debug' }
  const dataDir = await testFolder(t)
  const server = await startServer(t, { dataDir, databaseUrl: url.href, settings })
  const answers: string[] = []
  const environment = { ...settings, DECKLE_DATA_DIR: dataDir, DECKLE_DATABASE_URL: url.href, DECKLE_URL: server.url }
  return {
    server,
    link,
    databasePassword: decodeURIComponent(url.password),
    environment,
    answers,
    async call(method, path, body, authorization = basic(secrets.admin)) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const response = await fetch(server.url + path, {
        method,
        headers: { authorization },
        ...(body !== undefined && { body: text }),
      })
      const answer = { status: response.status, text: await response.text() }
      answers.push(`${method} ${path} ${answer.status} ${answer.text} ${JSON.stringify([...response.headers])}`)
      return answer
    },
  }
}

/** Importers with every kind of secret, each in front of an upstream that fails in its own way. */
async function breakSyncs(place: Place): Promise<void> {
  const upstream = await UpstreamServer.start({
    '/401/repodata/repomd.xml': { status: 401, body: 'no' },
    '/500/PULP_MANIFEST': { status: 500, body: 'no' },
    '/away/repodata/repomd.xml': { redirect: `http://me:${secrets.redirect}@127.0.0.1:1/gone` },
    '/odd/repodata/repomd.xml': `<repomd><data type="primary"><location href="http://me:${secrets.metadata}@[::1/"/>`,
    '/file/PULP_MANIFEST': `x,${'0'.repeat(64)},1\n`,
  })
  const at = (path: string) => upstream.url(path).replace('://', `://me:${secrets.feed}@`)
  const dead = (await deadUrl()).replace('://', `://me:${secrets.feed}@`)
  const proxy = { proxy_host: 'http://127.0.0.1', proxy_port: 1, proxy_username: 'me', proxy_password: secrets.proxy }
  const client = { ssl_client_cert: clientCertificate, ssl_client_key: clientKey }
  const badKey = `-----BEGIN PRIVATE KEY-----\n${secrets.key}\n-----END PRIVATE KEY-----\n`
  const importers: Readonly<Record<string, readonly [type: 'yum' | 'iso', config: object]>> = {
    refused: ['yum', { feed: at('/401/') }],
    failing: ['iso', { feed: at('/500/') }],
    away: ['yum', { feed: at('/away/') }],
    odd: ['yum', { feed: at('/odd/') }],
    missing: ['iso', { feed: at('/file/'), ...login }],
    dead: ['yum', { feed: `${dead}/` }],
    proxied: ['yum', { feed: 'http://upstream.invalid/', ...proxy, ...login }],
    keyed: ['yum', { feed: 'https://127.0.0.1:1/', ...client }],
    miskeyed: ['yum', { feed: 'https://127.0.0.1:1/', ssl_client_cert: clientCertificate, ssl_client_key: badKey }],
  }
  await Promise.all(Object.entries(importers).map(([id, [type, config]]) => breakSync(place, id, type, config)))
}

async function breakSync(place: Place, id: string, type: 'yum' | 'iso', config: object): Promise<void> {
  const repository = { id, importer_type_id: `${type}_importer`, importer_config: config }
  await place.call('POST', `${api}/repositories/`, repository)
  const feed = `http://me:${secrets.feed}@127.0.0.1:1/`
  const updates = [{ importer_config: config }, { importer_config: { ...config, feed: 7 } }]
  for (const update of updates) await place.call('PUT', `${api}/repositories/${id}/importers/${type}_importer/`, update)
  // One override will do: every transfer that cannot succeed is tried for seconds.
  const bodies = id === 'refused' ? [{}, { override_config: { feed, ...login } }] : [{}]
  for (const body of bodies) await place.call('POST', `${api}/repositories/${id}/actions/sync/`, body)
  await eventually(async () => {
    await pause(100)
    const { text } = await place.call('GET', `${api}/tasks/?tag=pulp:repository:${id}`)
    const states = (JSON.parse(text) as { state: string }[]).map(({ state }) => state)
    return states.every((state) => state !== 'waiting' && state !== 'running')
  })
  for (const path of ['', 'importers/', `importers/${type}_importer/`, 'history/sync/', 'distributors/']) {
    await place.call('GET', `${api}/repositories/${id}/${path}?details=true`)
  }
}

async function refuseRequests({ call }: Place): Promise<void> {
  for (const authorization of [basic(secrets.guessed), `Bearer ${secrets.bearer}`, `Digest ${secrets.bearer}`, '']) {
    for (const path of [`${api}/repositories/`, '/metrics']) await call('GET', path, undefined, authorization)
  }
  const feed = `http://me:${secrets.feed}@host/`
  const wrong = {
    id: 'wrong',
    importer_type_id: 'yum_importer',
    importer_config: { feed, proxy_password: secrets.proxy },
  }
  for (const body of [wrong, { ...wrong, id: 'refused' }, `{"x":"${secrets.basic}"`, [secrets.basic]]) {
    await call('POST', `${api}/repositories/`, body)
  }
  for (const filters of [{ feed }, { nonsense: secrets.basic }, { id: { $regex: '(' } }]) {
    await call('POST', `${api}/repositories/search/`, { criteria: { filters } })
  }
  await call('GET', `${api}/repositories/?details=true`)
  await call('GET', `${api}/tasks/`)
  await call('GET', `${api}/status/`)
}

async function loseDatabase({ link, call, server }: Place): Promise<void> {
  link.cut()
  await eventually(async () => (await call('GET', '/readyz')).status === 503)
  await call('GET', `${api}/repositories/`)
  await call('GET', `${api}/status/`)
  await call('POST', `${api}/repositories/`, { id: 'late', importer_config: { feed: `http://me:${secrets.feed}@h/` } })
  await call('GET', '/pulp/repos/none/file')
  await call('GET', '/metrics')
  await eventually(() => server.log.includes('does not accept'))
  link.mend()
  await eventually(async () => (await call('GET', '/readyz')).status === 200)
}

async function askOperations({ call, environment, answers, link }: Place): Promise<void> {
  await call('GET', '/metrics')
  for (const args of [['doctor'], ['doctor', '--json'], ['repo', 'list', '--json'], ['task', 'list', '--json']]) {
    const { stdout, stderr } = await deckle(args, environment)
    answers.push(stdout, stderr)
  }
  link.cut()
  const wrong = { ...environment, DECKLE_WORKERS: secrets.basic }
  for (const given of [environment, wrong]) {
    const { stdout, stderr } = await deckle(['doctor'], { ...given, DECKLE_DEBUG: '1' })
    answers.push(stdout, stderr)
  }
  link.mend()
}

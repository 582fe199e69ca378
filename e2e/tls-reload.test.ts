import assert from 'node:assert/strict'
import { createHash, type Hash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { IssuedCertificate } from '../src/core/certificate.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { memoryAuthority } from '../src/testing/memory-authority.ts'
import { ConsumerAgentProcess, passwordFile } from './support/consumer-agent.ts'
import type { DeckleServer } from './support/deckle-server.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { makeFilesMirror, syncWell } from './support/mirrors.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { httpProcessesOf } from './support/processes.ts'
import { isLong } from './support/project.ts'
import { call, poll } from './support/pulp-calls.ts'
import { replaceFile, secureUrl } from './support/secure-calls.ts'
import { SecureLoad, shownBy } from './support/secure-load.ts'
import { startServer, testFolder } from './support/servers.ts'

const swaps = isLong ? 200 : 8
const processes = 3
/** More than the sockets between hold: the server is still sending it while the certificate changes. */
const largeBytes = 25_000_000

onOneDatabase('the certificate of TLS', (fresh) => {
  const authority = memoryAuthority()
  const issue = () => authority.issueForServer(['127.0.0.1'])

  /** A server of several processes whose certificate and key stand in one file. */
  async function start(t: TestContext) {
    const folder = await testFolder(t)
    const path = join(folder, 'server.pem')
    const ca = join(folder, 'ca.pem')
    const first = await issue()
    await replaceFile(path, pairOf(first))
    await writeFile(ca, await authority.certificate())
    const server = await startServer(t, {
      dataDir: join(folder, 'data'),
      databaseUrl: await fresh.preparedUrl(),
      settings: {
        ...{ DECKLE_TLS_CERT: path, DECKLE_TLS_KEY: path, DECKLE_HTTPS_PORT: '0' },
        DECKLE_CONTENT_PROCESSES: String(processes),
      },
    })
    return { server, url: await secureUrl(server), path, ca, first }
  }

  /** New connections, enough of them for every process to have some, are shown this certificate and no other. */
  async function shows(url: string, { certificate }: IssuedCertificate): Promise<void> {
    const shown = await Promise.all(Array.from({ length: 12 }, () => shownBy(url)))
    assert.deepEqual(new Set(shown), new Set([new X509Certificate(certificate).fingerprint256]))
  }

  test(`is replaced ${swaps} times under load, in all processes, and nothing is dropped`, async (t) => {
    const { server, url, path, ca, first } = await start(t)
    assert.equal(httpProcessesOf(server.pid).length, processes - 1)
    const upstream = await plainUpstream(t)
    await makeFilesMirror(server, 'zoo', { feed: upstream.feed })
    await syncWell(server, 'zoo')
    const agent = await agentOver(t, server, url, ca)
    const trusted = await authority.certificate()
    const load = new SecureLoad(`${url}/pulp/isos/zoo/small.txt`, trusted, upstream.read('small.txt'))
    t.after(() => load.stop())
    await load.goesOn(20)
    const { opened } = load
    const download = downloadFrom(`${url}/pulp/isos/zoo/large.bin`, trusted)
    const { value: hash } = await download.next()

    const pairs = [await issue(), await issue(), first]
    for (let swap = 1; swap <= swaps; swap++) {
      const pair = pairs[swap % pairs.length] ?? first
      await replaceFile(path, pairOf(pair))
      process.kill(server.pid, 'SIGHUP')
      await eventually(() => countOf(server, /the TLS certificate was replaced/) === swap * processes)
      await shows(url, pair)
      await load.goesOn(5)
      await download.next()
    }
    await load.stop()

    assert.deepEqual(load.failures, [])
    // A client that is held up for seconds opens another one; a server that ends all with each change would be seen.
    assert.ok(load.opened < opened + swaps, `${load.opened} connections instead of ${opened}`)
    for await (const _ of download);
    assert.equal(hash?.digest('hex'), upstream.sha256('large.bin'))
    assert.equal(countOf(server, /SIGHUP: looking at the TLS files/), swaps * processes)
    for (const name of ['content-1', 'content-2']) {
      assert.match(server.log, new RegExp(`"process":"${name}","msg":"SIGHUP`))
    }
    const bound = await call(server, 'POST', '/pulp/api/v2/consumers/east/bindings/', {
      repo_id: 'zoo',
      distributor_id: 'iso_distributor',
    })
    const [task] = await poll(server, bound)
    assert.deepEqual([task?.worker_name, task?.state], ['agent', 'finished'])
    assert.equal(agent.log.match(/ info connected /g)?.length, 1)
    t.diagnostic(`${load.answers.kept} requests on ${opened} connections, ${load.answers.fresh} on new ones`)
  })

  test('stays when its files cannot be used, which the log says, and good ones are found without a signal', async (t) => {
    const { server, url, path, first } = await start(t)
    const [other, next] = [await issue(), await issue()]
    const broken: [text: string | undefined, reason: RegExp][] = [
      ['nothing in PEM form', /no certificate in PEM form/],
      [other.certificate + next.key, /the key is not the key of the certificate/],
      [other.certificate, /not a private key in PEM form/],
      [undefined, /ENOENT/],
    ]
    for (const [text, reason] of broken) {
      if (text === undefined) await rm(path)
      else await replaceFile(path, text)
      process.kill(server.pid, 'SIGHUP')
      const refusal = new RegExp(`"reason":"[^"]*${reason.source}[^}]*cannot be used; the certificate stays`)
      await eventually(() => countOf(server, refusal) === processes)
      await shows(url, first)
    }
    await replaceFile(path, pairOf(next))
    await eventually(() => countOf(server, /the TLS certificate was replaced/) === processes)
    await shows(url, next)
    assert.doesNotMatch(server.log, /PRIVATE KEY/)
  })
})

function pairOf({ certificate, key }: IssuedCertificate): string {
  return certificate + key
}

/** Lines of the log that a pattern is found in. */
function countOf(server: DeckleServer, pattern: RegExp): number {
  return server.log.split('\n').filter((line) => pattern.test(line)).length
}

async function plainUpstream(t: TestContext): Promise<FolderUpstream> {
  const folder = await testFolder(t)
  await writePlainFiles(folder, { 'small.txt': 'small', 'large.bin': 'large'.repeat(largeBytes / 5) })
  return FolderUpstream.of(folder)
}

async function agentOver(t: TestContext, server: DeckleServer, url: string, ca: string): Promise<ConsumerAgentProcess> {
  const [root, state] = [await testFolder(t), await testFolder(t)]
  await mkdir(join(root, 'etc'))
  await writeFile(join(state, 'password'), passwordFile)
  const places = ['--root', root, '--state-dir', state, '--url', url, '--ca', ca]
  const registrar = ['--user', 'admin', '--password-file', join(state, 'password')]
  return ConsumerAgentProcess.start(t, server, 'east', [...places, ...registrar])
}

/** Reads as it is asked to, on one connection; each time what has come until now. */
async function* downloadFrom(url: string, ca: string): AsyncGenerator<Hash, undefined> {
  const call = request(url, { ca, agent: false }).end()
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  const hash = createHash('sha256')
  for await (const chunk of answer) yield hash.update(chunk)
}

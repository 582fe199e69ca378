import assert from 'node:assert/strict'
import { mkdtemp, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { AgentServer } from '../testing/agent-server.ts'
import { serverCertificate, serverKey } from '../testing/certificates.ts'
import { eventually } from '../testing/eventually.ts'
import { FakeEngine } from '../testing/fake-engine.ts'
import { fasterClock, type HostOptions, hostAgent, runningHost } from '../testing/hosts.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

type Surroundings = HostOptions & { readonly server: AgentServer; readonly engine: FakeEngine }

/** Removed after all tests, since an agent that still runs would write into its own again. */
const folders = await temporaryFolder()

/** A server and an engine for a host that may join with the good token. */
async function surroundings(context: TestContext): Promise<Surroundings> {
  const server = await AgentServer.start()
  context.after(() => server.stop())
  const folder = await mkdtemp(join(folders, 'host-'))
  const engine = await FakeEngine.start('docker', folder)
  context.after(() => engine.stop())
  return { server, engine, sockets: [engine.socket], stateFolder: join(folder, 'state'), token: 'good-token' }
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

describe('An agent that joins', () => {
  test('registers once and keeps its keys where only its user reads them', async (context) => {
    const { server, ...host } = await surroundings(context)
    const first = runningHost(context, { server, ...host })
    await server.hear('hello')
    await first.stop()
    const { token: _, ...later } = host
    runningHost(context, { server, ...later })
    await server.hear('hello', 2)
    assert.deepEqual(
      server.registrations.map(({ token, hostname, name, labels }) => [token, hostname, name, labels]),
      [['good-token', 'host1.example.com', 'host1', { zone: 'eu' }]],
    )
    assert.deepEqual(server.credentials, [basic('access-1', 'secret-1'), basic('access-1', 'secret-1')])
    assert.equal((await stat(join(host.stateFolder, 'agent.json'))).mode & 0o777, 0o600)
    assert.equal((await stat(host.stateFolder)).mode & 0o777, 0o700)
  })

  test('is the same host when it registers again, as it does when its keys are refused', async (context) => {
    const { server, ...host } = await surroundings(context)
    const { lines } = runningHost(context, { server, ...host, clock: fasterClock(20) })
    await server.hear('hello')
    server.refusal = 401
    server.drop()
    await eventually(() => server.registrations.length > 1)
    server.refusal = undefined
    await server.hear('hello', 2)
    assert.equal(new Set(server.registrations.map(({ identity }) => identity)).size, 1)
    assert.match(server.registrations[0]?.identity ?? '', /^[0-9a-f-]{36}$/)
    assert.ok(lines.some((line) => line.includes('status 401')))
    assert.doesNotMatch(lines.join('\n'), /secret-|good-token/)
  })

  test('gives up at once when its token is refused, or it has none', async (context) => {
    const { server, token: _, ...host } = await surroundings(context)
    const refused = runningHost(context, { server, ...host, token: 'bad-token' })
    await assert.rejects(refused.ended, /refused to register this host \(401\): the token is not known/)
    await assert.rejects(runningHost(context, { server, ...host }).ended, /has not joined .* --token/)
  })

  test('never shows the keys of one server to another', async (context) => {
    const { server, token: _, ...host } = await surroundings(context)
    const first = runningHost(context, { server, ...host, token: 'good-token' })
    await server.hear('hello')
    await first.stop()
    const other = await AgentServer.start()
    context.after(() => other.stop())
    await assert.rejects(runningHost(context, { ...host, server: other }).ended, /has not joined/)
    assert.deepEqual(other.credentials, [])
  })

  test('waits for a server that is not there yet', async (context) => {
    const { server, ...host } = await surroundings(context)
    await server.stop()
    const { lines } = runningHost(context, { ...host, server, clock: fasterClock(20) })
    await eventually(() => lines.length >= 2)
    const late = await AgentServer.start(undefined, server.port)
    context.after(() => late.stop())
    await late.hear('hello')
  })

  test('trusts a server by the authorities that it was given', async (context) => {
    const { engine: _, server: __, ...host } = await surroundings(context)
    const secure = await AgentServer.start({ key: serverKey, cert: serverCertificate })
    context.after(() => secure.stop())
    const server = { url: `https://127.0.0.1:${secure.port}` }
    const { lines } = runningHost(context, { ...host, server, clock: fasterClock(20) })
    await eventually(() => lines.some((line) => /certificate/i.test(line)))
    runningHost(context, { ...host, server, ca: [serverCertificate] })
    await secure.hear('images')
  })
})

describe('An agent that is connected', () => {
  test('says what it is and which images are there, again after a pull', async (context) => {
    const { server, ...host } = await surroundings(context)
    runningHost(context, { server, ...host })
    assert.deepEqual(await server.hear('hello'), {
      kind: 'hello',
      hostname: 'host1.example.com',
      name: 'host1',
      labels: { zone: 'eu' },
      version: '1.2.3',
      engine: 'docker 20.10.24',
      pulls: [],
    })
    assert.equal((await server.hear('images')).images.length, 2)
    server.order(1)
    assert.equal((await server.hear('end')).outcome, 'done')
    await server.hear('images', 2)
  })

  test('announces its pulls when the connection was lost, and ends them on the next', async (context) => {
    const { server, engine, ...host } = await surroundings(context)
    const { promise, resolve } = Promise.withResolvers<void>()
    engine.gate = promise
    runningHost(context, { server, ...host, clock: fasterClock(10) })
    await server.hear('images')
    server.order(7, { attempt: 3 })
    await eventually(() => engine.pulls.length === 1)
    server.drop()
    assert.deepEqual((await server.hear('hello', 2)).pulls, [{ pull: 7, attempt: 3 }])
    resolve()
    assert.deepEqual([(await server.hear('end')).attempt, engine.pulls.length], [3, 1])
  })

  test('says the end of a pull until it is acknowledged, over connections', async (context) => {
    const { server, ...host } = await surroundings(context)
    server.acknowledges = false
    runningHost(context, { server, ...host, clock: fasterClock(20) })
    await server.hear('images')
    server.order(1)
    const end = await server.hear('end')
    assert.deepEqual(await server.hear('end', 2), end)
    server.drop()
    assert.deepEqual((await server.hear('hello', 2)).pulls, [{ pull: 1, attempt: 1 }])
    server.acknowledges = true
    assert.deepEqual(await server.hear('end', server.said('end').length + 1), end)
    server.drop()
    await eventually(() => server.said('hello').at(-1)?.pulls.length === 0)
  })

  test('leaves a server that answers nothing any more', async (context) => {
    const { server, ...host } = await surroundings(context)
    server.aliveSeconds = 1
    const { lines } = runningHost(context, { server, ...host, clock: fasterClock(5) })
    await server.hear('alive', 2)
    server.freeze()
    await server.hear('hello', 2)
    assert.ok(lines.some((line) => line.includes('does not answer any more')))
  })

  test('leaves a server that does not welcome it', async (context) => {
    const { server, ...host } = await surroundings(context)
    server.welcomes = false
    const { lines } = runningHost(context, { server, ...host, clock: fasterClock(200) })
    await server.hear('hello', 2)
    assert.ok(lines.some((line) => line.includes('did not answer the greeting')))
  })

  test('ignores what it does not understand', async (context) => {
    const { server, ...host } = await surroundings(context)
    runningHost(context, { server, ...host })
    await server.hear('images')
    for (const text of ['no JSON', '[]', '{"kind":"reboot"}', '{"kind":"pull","pull":"x"}']) server.sendText(text)
    server.order(1)
    assert.equal((await server.hear('end')).pull, 1)
    assert.equal(server.said('hello').length, 1)
  })

  test('greets again when an engine appears, and fails pulls with the reason until then', async (context) => {
    const { server, engine, ...host } = await surroundings(context)
    const later = join(host.stateFolder, '..', 'podman.sock')
    const clock = fasterClock(50)
    const { lines } = runningHost(context, { server, ...host, sockets: [later], clock })
    assert.equal((await server.hear('hello')).engine, null)
    server.order(1)
    assert.match((await server.hear('end')).error ?? '', /No container engine answers\. Tried .*podman\.sock/)
    const podman = await FakeEngine.start('podman', join(later, '..'))
    context.after(() => podman.stop())
    await eventually(() => server.said('hello').some((hello) => hello.engine === 'podman 4.3.1'))
    assert.ok(lines.some((line) => / error No container engine answers/.test(line)))
  })

  test('logs single lines without passwords', async (context) => {
    const { server, engine, ...host } = await surroundings(context)
    engine.answerTo = () => ({ status: 500, body: '{"message":"two\\nlines about wr0ng"}' })
    const { lines } = runningHost(context, { server, ...host })
    await server.hear('images')
    server.order(1, { credential: { serverAddress: 'x', username: 'u', password: 'wr0ng', email: '' } })
    await server.hear('end')
    await eventually(() => lines.some((line) => line.includes('pull ended')))
    assert.ok(lines.every((line) => /^\d{4}-\S+Z (info|warn|error) /.test(line) && !line.includes('\n')))
    assert.doesNotMatch(lines.join('\n'), /wr0ng|secret-1|good-token/)
  })
})

describe('An agent that runs once', () => {
  const never = new AbortController().signal

  test('reports the images, does the pulls that wait, and ends', async (context) => {
    const { server, ...host } = await surroundings(context)
    const { agent } = hostAgent({ server, ...host, clock: fasterClock(10) })
    const ended = agent.once(never)
    await server.hear('images')
    server.order(1)
    assert.equal(await ended, undefined)
    assert.equal((await server.hear('end')).outcome, 'done')
    await server.hear('images', 2)
    await eventually(() => server.connections === 0)
  })

  test('tells why it could not', async (context) => {
    const { server, ...host } = await surroundings(context)
    const noEngine = hostAgent({ server, ...host, sockets: ['/nonexistent/engine.sock'] })
    await assert.rejects(noEngine.agent.once(never), /Tried \/nonexistent\/engine\.sock/)
    server.refusal = 503
    const { agent } = hostAgent({ server, ...host })
    assert.match((await agent.once(never)) ?? '', /status 503/)
    await server.stop()
    assert.match((await agent.once(never)) ?? '', /ECONNREFUSED/)
  })
})

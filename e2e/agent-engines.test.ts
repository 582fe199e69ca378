import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { AgentServer, type Order, type Said } from '../src/testing/agent-server.ts'
import { eventually } from '../src/testing/eventually.ts'
import { BundledAgent, bundledAgent } from './support/bundled-agent.ts'
import { requireClients } from './support/clients.ts'
import { startDocker, startPodman } from './support/container-engines.ts'
import { ImageRegistry } from './support/image-registry.ts'
import { NarrowPassage } from './support/narrow-passage.ts'
import { succeed } from './support/programs.ts'

const needed = {
  ...requireClients('curl', 'docker', 'dockerd', 'docker-registry', 'htpasswd', 'podman', 'skopeo'),
  timeout: 180_000,
}
const bytes = 4_000_000
/** Resident: 60 MiB, of which Node's own program is some 40. */
const mostMegabytes = 62.9
const login = { username: 'alice', password: 's3cret' }

const engines = {
  dockerd: (t: TestContext, _registries: readonly string[]) => startDocker(t),
  podman: startPodman,
}

/** The bundled agent at an engine, a server that orders, and two registries, one of which wants a password. */
async function host(t: TestContext, kind: keyof typeof engines) {
  const [open, closed] = await Promise.all([ImageRegistry.start(t), ImageRegistry.start(t, login)])
  await Promise.all([open.push('team/app:one', bytes), closed.push('team/app:two')])
  const passage = await NarrowPassage.to(t, open.address, bytes / 2)
  const engine = await engines[kind](t, [open.address, closed.address, passage.address])
  const server = await AgentServer.start()
  t.after(() => server.stop())
  const agent = await BundledAgent.start(t, await bundledAgent(t), server, engine.socket)
  let last = 0
  const pull = async (repository: string, more: Partial<Order> = {}): Promise<Said<'end'>> => {
    const key = ++last
    server.order(key, { repository, ...more })
    await eventually(() => server.said('end').some((end) => end.pull === key))
    return server.said('end').find((end) => end.pull === key) ?? assert.fail()
  }
  const progress = () => server.said('progress').filter((report) => report.pull === last)
  return { engine, server, agent, open, closed, passage, pull, progress }
}

for (const kind of ['dockerd', 'podman'] as const) {
  test(`the agent pulls by tag and digest with ${kind}, and tells why it could not`, needed, async (t) => {
    const { engine, server, agent, open, closed, pull, progress } = await host(t, kind)
    const [app, secret] = [`${open.address}/team/app`, `${closed.address}/team/app`]
    assert.match(server.said('hello')[0]?.engine ?? '', kind === 'dockerd' ? /^docker \d/ : /^podman \d/)

    assert.deepEqual((await pull(app, { onlyIfPresent: true })).outcome, 'done')
    assert.deepEqual(await engine.images(), [])
    const done = await pull(app)
    assert.deepEqual([done.outcome, done.error], ['done', undefined])
    assert.match(done.digest ?? '', /^sha256:[0-9a-f]{64}$/)
    assert.deepEqual(await engine.images(), [`${app}:one`])
    const last = progress().at(-1)
    assert.ok(last?.totalBytes && last.totalBytes > bytes && last.bytes === last.totalBytes)

    const byDigest = await pull(app, { tag: null, digest: done.digest ?? '' })
    assert.deepEqual([byDigest.outcome, byDigest.digest], ['done', done.digest])
    assert.equal((await pull(app, { onlyIfAbsent: true })).digest, done.digest)

    const missing = await pull(app, { tag: 'nope' })
    assert.match(missing.error ?? '', /^Image \[.*team\/app:nope\] failed to pull: .*manifest unknown/)
    const nobody = await pull('127.0.0.1:1/team/app')
    assert.match(nobody.error ?? '', /connection refused/)

    const credential = { serverAddress: closed.address, email: 'a@example.com', ...login }
    assert.match((await pull(secret, { tag: 'two' })).error ?? '', /auth/)
    const wrong = await pull(secret, { tag: 'two', credential: { ...credential, password: 'wr0ng' } })
    assert.match(wrong.error ?? '', /auth/)
    assert.equal((await pull(secret, { tag: 'two', credential })).outcome, 'done')
    assert.equal((await pull(app, { credential: { ...credential, password: 'wr0ng' } })).outcome, 'done')

    await eventually(() => {
      const names =
        server
          .said('images')
          .at(-1)
          ?.images.flatMap((image) => image.names) ?? []
      return [`${app}:one`, `${app}@${done.digest}`, `${secret}:two`].every((name) => names.includes(name))
    })
    t.diagnostic(`${kind}: ${agent.megabytes.toFixed(1)} MB`)
    assert.ok(agent.megabytes <= mostMegabytes, `${agent.megabytes} MB`)
    assert.equal(await agent.stop(), 0)
  })

  test(`a pull that stands still goes on, times out or is cancelled with ${kind}`, needed, async (t) => {
    const { engine, server, passage, pull, progress } = await host(t, kind)
    const slow = `${passage.address}/team/app`
    assert.match((await pull(slow, { timeoutSeconds: 3 })).error ?? '', /it took longer than 3 seconds$/)

    server.order(100, { repository: slow })
    await eventually(() => passage.isStuck)
    server.send({ kind: 'cancel', pull: 100 })
    await eventually(() => server.said('end').some((end) => end.pull === 100 && end.outcome === 'cancelled'))

    const waiting = pull(slow)
    await eventually(() => progress().length > 0)
    server.drop()
    await eventually(() => (server.said('hello').at(-1)?.pulls.length ?? 0) > 0)
    passage.open()
    assert.equal((await waiting).outcome, 'done')
    assert.ok((await engine.images()).includes(`${slow}:one`))
    const amounts = progress().map((report) => report.bytes ?? 0)
    assert.deepEqual(
      amounts,
      amounts.toSorted((left, right) => left - right),
    )
  })
}

test('the bundle is one file with its checksum, and tells of wrong options', async (t) => {
  const file = await bundledAgent(t)
  assert.match((await succeed(process.execPath, [file, '--help'])).stdout, /--token/)
  await succeed('sha256sum', ['-c', 'agent.js.sha256'], { cwd: file.replace(/\/[^/]*$/, '') })
})

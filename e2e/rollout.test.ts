import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { FakeEngine } from '../src/testing/fake-engine.ts'
import { AgentProcess } from './support/agent-process.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword } from './support/deckle-server.ts'
import { Fleet, onHosts } from './support/fleet.ts'
import { freePort } from './support/image-registry.ts'
import { sharedServer, startServer, testFolder } from './support/servers.ts'

const image = '127.0.0.1:5100/team/app:one'
const missing = '127.0.0.1:5100/team/app:nope'
const limit = { timeout: 120_000 }

onOneDatabase('a rollout over engines that answer as recorded', (fresh) => {
  const server = sharedServer(fresh)

  /** One host with Docker in the zone eu, one with Podman in us. */
  async function twoHosts(t: TestContext, project: string) {
    const folder = await testFolder(t)
    const [docker, podman] = [await FakeEngine.start('docker', folder), await FakeEngine.start('podman', folder)]
    t.after(() => Promise.all([docker.stop(), podman.stop()]))
    for (const engine of [docker, podman]) engine.answerTo = (pull) => (pull.image === missing ? 'missingTag' : 'new')
    const fleet = await Fleet.in(server(), project)
    const east = await fleet.join(t, 'east', 'zone=eu', docker.socket)
    await fleet.join(t, 'west', 'zone=us', podman.socket)
    return { docker, podman, fleet, east }
  }

  test('pulls on all hosts, and keeps which of them have the image', limit, async (t) => {
    const { docker, podman, fleet } = await twoHosts(t, 'all')
    const task = await fleet.pull(image)
    assert.deepEqual([task['state'], task['status']], ['active', { east: 'Done', west: 'Done' }])
    assert.deepEqual(
      [docker.pulls, podman.pulls].map(([pull]) => pull?.image),
      [image, image],
    )
    const pulls = await fleet.gdapi.followList(task, 'hostPulls')
    assert.deepEqual(
      pulls.data.map(({ phase }) => phase),
      ['done', 'done'],
    )
    const [row] = (await fleet.gdapi.list('image', { name: image })).data
    assert.ok(row !== undefined)
    assert.equal((await fleet.gdapi.follow(row, 'account'))['id'], task['accountId'])
    const hosts = await fleet.gdapi.followList(row, 'hosts')
    assert.deepEqual(hosts.data.map(({ name }) => name).sort(), ['east', 'west'])
  })

  test('asks only hosts that the labels name', limit, async (t) => {
    const { docker, podman, fleet } = await twoHosts(t, 'labels')
    assert.deepEqual((await fleet.pull(image, onHosts('ZONE=eu')))['status'], { east: 'Done' })
    assert.deepEqual((await fleet.pull(image, onHosts('zone=eu', 'host_label_ne')))['status'], { west: 'Done' })
    assert.deepEqual((await fleet.pull(image, onHosts('zone=eu,zone=us')))['status'], {})
    assert.deepEqual([docker.pulls.length, podman.pulls.length], [1, 1])
  })

  test('says what the engine said of a tag that is not there, and still ends active', limit, async (t) => {
    const { fleet } = await twoHosts(t, 'missing')
    const task = await fleet.pull(missing)
    assert.deepEqual([task['state'], task['transitioning']], ['active', 'no'])
    const { east, west } = task['status'] as Record<string, string>
    assert.match(east ?? '', /^Image \[127\.0\.0\.1:5100\/team\/app:nope\] failed to pull: .*manifest unknown/)
    assert.match(west ?? '', /failed to pull: .*manifest unknown/)
    assert.deepEqual((await fleet.gdapi.list('image', { name: missing })).data, [])
  })

  test('pulls in the mode cached only where the image is', limit, async (t) => {
    const { docker, podman, fleet } = await twoHosts(t, 'cached')
    docker.present.add(image)
    assert.deepEqual((await fleet.pull(image, { mode: 'cached' }))['status'], { east: 'Done', west: 'Done' })
    assert.deepEqual([docker.pulls.length, podman.pulls.length], [1, 0])
  })

  test('goes on when an agent dies in the middle and starts again', limit, async (t) => {
    const { docker, fleet, east } = await twoHosts(t, 'agent-dies')
    const gate = Promise.withResolvers<void>()
    docker.gate = gate.promise
    const task = await fleet.gdapi.create('pullTask', { image })
    await eventually(() => docker.pulls.length === 1)
    await east.agent.kill()
    await eventually(() => docker.pulls[0]?.aborted === true)
    const seen = await fleet.gdapi.reload(task)
    assert.deepEqual([seen['transitioning'], (seen['status'] as Record<string, string>)['east']], ['yes', 'Pulling'])
    gate.resolve()
    await AgentProcess.start(t, east.setup)
    assert.deepEqual((await fleet.gdapi.waitSuccess(task))['status'], { east: 'Done', west: 'Done' })
    assert.equal(docker.pulls.length, 2)
  })

  test('is begun, watched and judged on the command line', limit, async (t) => {
    const { fleet } = await twoHosts(t, 'by-hand')
    const url = new URL(server().url)
    url.username = 'admin'
    url.password = adminPassword
    const run = (...args: string[]) => deckle([...args, '--project', 'by-hand'], { DECKLE_URL: url.href })
    const hosts = await run('host', 'list')
    assert.match(hosts.stdout, /^1h\d+ +east +active +\S+ +zone=eu$/m, hosts.stderr)
    const done = await run('pull', image, '--label', 'zone=eu', '--wait')
    assert.equal(done.code, 0, done.stderr)
    assert.match(done.stderr, /^east: done$/m)
    const failed = await run('pull', missing, '--wait', '--json')
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /^west: .*manifest unknown/m)
    assert.match(failed.stderr, /^deckle: 2 of 2 hosts did not pull/m)
    assert.equal(JSON.parse(failed.stdout).state, 'active')
    // The recorded store of the Podman has it from the beginning.
    const images = await run('image', 'list')
    assert.match(images.stdout, /^1i\d+ +127\.0\.0\.1:5100\/team\/app:one +active +east, west$/m, images.stderr)
    assert.equal((await fleet.gdapi.list('pullTask')).data.length, 2)
  })
})

onOneDatabase('a rollout whose server dies', (fresh) => {
  test('goes on when the server starts again, and the host pulls once', limit, async (t) => {
    const folder = await testFolder(t)
    const engine = await FakeEngine.start('docker', folder)
    t.after(() => engine.stop())
    const gate = Promise.withResolvers<void>()
    engine.gate = gate.promise
    const settings = { DECKLE_HTTP_PORT: String(await freePort()) }
    const options = { dataDir: await testFolder(t), databaseUrl: await fresh.preparedUrl(), settings }
    const first = await startServer(t, options)
    const fleet = await Fleet.in(first, 'server-dies')
    const { agent } = await fleet.join(t, 'east', 'zone=eu', engine.socket)
    const task = await fleet.gdapi.create('pullTask', { image })
    await eventually(() => engine.pulls.length === 1)
    await first.kill()
    await startServer(t, options)
    await agent.connected(2)
    assert.equal((await fleet.gdapi.reload(task))['transitioning'], 'yes')
    gate.resolve()
    const done = await fleet.gdapi.waitSuccess(task)
    assert.deepEqual([done['state'], done['status']], ['active', { east: 'Done' }])
    assert.deepEqual(
      engine.pulls.map(({ aborted }) => aborted),
      [false],
    )
  })
})

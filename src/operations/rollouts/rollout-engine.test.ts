import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { parseImageName } from '../../core/image-name.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { eventually } from '../../testing/eventually.ts'
import { RolloutProcess } from '../../testing/rollout-process.ts'
import { project, RolloutBench } from '../../testing/rollouts.ts'
import { PullRecorder, SimulatedHost, type SimulatedHostOptions } from '../../testing/simulated-hosts.ts'

const long = process.env['DECKLE_TEST_LONG'] === '1'
const many = long ? 10_000 : 200

onEachDatabase('a rollout', (fresh) => {
  let bench: RolloutBench
  const processes: RolloutProcess[] = []
  before(async () => {
    bench = new RolloutBench(await fresh.open())
  })
  after(async () => {
    for (const one of processes) await one.stop()
  })

  async function start(): Promise<RolloutProcess> {
    const made = await RolloutProcess.start(bench.opened.url)
    processes.push(made)
    return made
  }

  /** New hosts; those of other tests are gone. */
  async function hosts(count: number, options: SimulatedHostOptions): Promise<SimulatedHost[]> {
    await bench.opened.database.updateTable('resource').set({ state: 'inactive' }).where('type', '=', 'host').execute()
    const keys = await bench.hosts(count)
    const [server] = processes
    assert.ok(server)
    const rows = await Promise.all(keys.map((key) => server.resources.get(['host'], key)))
    return rows.map((row) => new SimulatedHost(row, options))
  }

  const done = { outcome: 'done', digest: 'sha256:d' } as const

  it('pulls on every host of the project and makes the image, before the task is active', async () => {
    const server = await start()
    const recorder = new PullRecorder()
    const all = await hosts(3, { recorder, work: async () => done })
    for (const host of all) await host.connect(server.engine)
    const task = await server.pull('docker:busybox')
    assert.equal(await server.settled(task), 'active')
    const image = await server.resources.find('image', project, 'busybox:latest')
    assert.deepEqual([image?.state, image?.name], ['active', 'busybox:latest'])
    const having = await server.hostImages.hostsOf([image?.key ?? 0])
    assert.deepEqual(
      having.get(image?.key ?? 0),
      all.map(({ host }) => host.key),
    )
    assert.deepEqual((await server.rollouts.status([task])).get(task), { host1: 'Done', host2: 'Done', host3: 'Done' })
  })

  it('ends active with the error of the host that failed, or without any host', async () => {
    const [server] = processes
    assert.ok(server)
    const text = 'Image [busybox:nope] failed to pull: manifest unknown'
    const [host] = await hosts(1, {
      recorder: new PullRecorder(),
      work: async () => ({ outcome: 'failed', error: text }),
    })
    await host?.connect(server.engine)
    const failing = await server.pull('busybox:nope')
    assert.equal(await server.settled(failing), 'active')
    assert.deepEqual((await server.rollouts.status([failing])).get(failing), { host1: text })
    assert.equal(await server.resources.find('image', project, 'busybox:nope'), undefined)
    const nowhere = await server.pull('busybox', {
      labels: { 'io.rancher.scheduler.affinity:host_label': 'zone=eu' } as never,
    })
    assert.equal(await server.settled(nowhere), 'active')
    assert.deepEqual((await server.rollouts.status([nowhere])).get(nowhere), {})
    const unreadable = await server.pull('Not An Image')
    assert.equal(await server.settled(unreadable), 'active')
    const told = (await server.rollouts.status([unreadable])).get(unreadable)
    assert.deepEqual(told, { host1: 'Image [Not An Image] is no name of an image' })
  })

  it('tells hosts the log-in of the registry', async () => {
    const [server] = processes
    assert.ok(server)
    const login = { serverAddress: 'quay.io', username: 'ann', password: 'secret', email: 'a@b.c' }
    server.logins.set('quay.io', login)
    const seen: unknown[] = []
    const [host] = await hosts(1, {
      recorder: new PullRecorder(),
      work: async ({ image, login: given }) => {
        seen.push([image.repository, given])
        return done
      },
    })
    await host?.connect(server.engine)
    for (const image of ['quay.io/ns/app:1', 'busybox']) await server.settled(await server.pull(image))
    assert.deepEqual(seen, [
      ['quay.io/ns/app', login],
      ['busybox', undefined],
    ])
    assert.equal(parseImageName('quay.io/ns/app:1')?.registry, 'quay.io')
  })

  it('shows how far it is while it goes on, and never less', async () => {
    const [server] = processes
    assert.ok(server)
    const go = Promise.withResolvers<void>()
    const [host] = await hosts(1, {
      recorder: new PullRecorder(),
      work: async (_command, report) => {
        report(25_000_000, 100_000_000)
        await go.promise
        return done
      },
    })
    await host?.connect(server.engine)
    const task = await server.pull('busybox')
    const look = () => server.resources.get(['pullTask'], task)
    await eventually(async () => (await look()).progress === 25)
    assert.equal((await look()).message, 'Pulling busybox on host1 (25.0 of 100.0 MB)')
    go.resolve()
    assert.equal(await server.settled(task), 'active')
    assert.deepEqual([(await look()).progress, (await look()).message], [null, null])
  })

  it('stops hosts whose task is deactivated, and sends no more', async () => {
    const [server] = processes
    assert.ok(server)
    const go = Promise.withResolvers<void>()
    const recorder = new PullRecorder()
    const all = await hosts(2, {
      recorder,
      work: async () => {
        await go.promise
        return done
      },
    })
    for (const host of all) await host.connect(server.engine)
    const task = await server.pull('busybox', { parallelism: 1 })
    await eventually(() => recorder.most.get(task) === 1)
    await server.life.act(await server.resources.get(['pullTask'], task), 'deactivate')
    await eventually(async () => (await server.resources.get(['pullTask'], task)).state === 'inactive')
    assert.deepEqual((await server.rollouts.status([task])).get(task), { host1: 'Cancelled', host2: 'Cancelled' })
    await eventually(() => recorder.stopped.length > 0)
    assert.deepEqual(recorder.stopped, [all[0]?.host.key])
    go.resolve()
    await server.settled(await server.pull('busybox'))
    assert.equal(recorder.most.get(task), 1)
  })

  it(`keeps its limit over ${many} hosts, two processes, lost connections and a death`, async (t) => {
    const [first] = processes
    assert.ok(first)
    const doomed = await start()
    const recorder = new PullRecorder()
    const limit = Math.ceil(many / 10)
    const all = await hosts(many, {
      recorder,
      work: async (_command, report) => {
        report(1, 2)
        await pause(5 + Math.random() * 20)
        return done
      },
    })
    for (const [index, host] of all.entries()) await host.connect(index % 2 === 0 ? first.engine : doomed.engine)
    const task = await first.pull('busybox', { parallelism: '10%' })
    await eventually(async () => recorder.pulled.length > many / 4)
    // From now on nobody hears the second process: its hosts come to a third one, with what they do.
    const heir = await start()
    for (const [index, host] of all.entries()) if (index % 2 === 1) host.lose()
    for (const [index, host] of all.entries()) if (index % 2 === 1) await host.connect(heir.engine)
    assert.equal(await first.settled(task), 'active')
    const most = recorder.most.get(task) ?? 0
    t.diagnostic(`at most ${most} of ${many} hosts pulled at once`)
    assert.ok(most <= limit, `${most} pulled at once, ${limit} may`)
    const status = (await first.rollouts.status([task])).get(task) ?? {}
    assert.equal(Object.values(status).filter((text) => text === 'Done').length, many)
    assert.equal(new Set(recorder.pulled).size, many)
  })
})

import assert from 'node:assert/strict'
import { before, beforeEach, it } from 'node:test'
import { onEachDatabase } from '../../testing/databases.ts'
import { done, failed, plainOrder, project, RolloutBench } from '../../testing/rollouts.ts'

onEachDatabase('rollouts', (fresh) => {
  let bench: RolloutBench
  let hosts: readonly number[]
  before(async () => {
    bench = new RolloutBench(await fresh.open())
    hosts = await bench.hosts(4)
  })
  beforeEach(async () => {
    await bench.opened.database.deleteFrom('rollout').execute()
    await bench.opened.database.deleteFrom('host_session').execute()
    await bench.opened.database.deleteFrom('host_hub').execute()
    await bench.connect(hosts, 'one')
  })

  const statusOf = async (task: number) => (await bench.store.status([task])).get(task)

  it('give all hosts to the process that has them, once', async () => {
    const task = await bench.begun(hosts)
    const [order, ...more] = await bench.store.claim('one', 100)
    assert.equal(more.length, 3)
    const { pull, ...rest } = order ?? assert.fail('nothing was claimed')
    assert.deepEqual(rest, { ...plainOrder(task), host: hosts[0], attempt: 1 })
    assert.equal(typeof pull, 'number')
    assert.deepEqual(await bench.store.claim('one', 100), [])
    assert.deepEqual(await bench.store.claim('two', 100), [])
  })

  it('change nothing when the same task begins again', async () => {
    const task = await bench.begun(hosts.slice(0, 1))
    await bench.begun(hosts, { task, image: 'other' })
    assert.deepEqual(await statusOf(task), { host1: 'Pulling' })
  })

  it('do not begin for a task that was deactivated while its hosts were chosen', async () => {
    const task = await bench.task()
    const { database } = bench.opened
    await database.updateTable('resource').set({ state: 'deactivating' }).where('id', '=', task).execute()
    await bench.begun(hosts, { task })
    assert.deepEqual(await bench.store.claim('one', 100), [])
    assert.equal(await bench.store.isBegun(task), false)
  })

  it('are over at once without hosts, and with a fault that all hosts show', async () => {
    const empty = await bench.begun([])
    const faulty = await bench.begun(hosts.slice(0, 2), {}, 'Image [?] cannot be read')
    assert.deepEqual(await bench.store.ended(9), [empty, faulty])
    assert.deepEqual(await statusOf(empty), {})
    assert.deepEqual(await statusOf(faulty), {
      host1: 'Image [?] cannot be read',
      host2: 'Image [?] cannot be read',
    })
    await bench.store.settled([empty, faulty])
    assert.deepEqual(await bench.store.ended(9), [])
  })

  it('leave hosts of others, and as many as the limit says, to later claims', async () => {
    await bench.connect(hosts.slice(2), 'two')
    await bench.begun(hosts, { parallelism: 3 })
    assert.equal((await bench.store.claim('one', 1)).length, 1)
    assert.equal((await bench.store.claim('one', 9)).length, 1)
    const [last, ...none] = await bench.store.claim('two', 9)
    assert.deepEqual([last?.host, none], [hosts[2], []])
    assert.deepEqual(await bench.store.claim('two', 9), [])
    await bench.store.end([done(last ?? assert.fail())])
    assert.equal((await bench.store.claim('two', 9)).length, 1)
  })

  it('keep the limit when processes claim side by side', async () => {
    const names = ['one', 'two', 'three', 'four']
    for (const [index, host] of hosts.entries()) await bench.connect([host], names[index] ?? 'one')
    for (let round = 0; round < 20; round++) {
      const task = await bench.begun(hosts, { parallelism: 1 })
      const claimed = await Promise.all(names.map((name) => bench.store.claim(name, 9)))
      assert.equal(claimed.flat().length, 1)
      await bench.store.cancel(task)
    }
  })

  it('tell the tasks that end, what was pulled, and each host’s outcome', async () => {
    const task = await bench.begun(hosts.slice(0, 3))
    const [first, second, third] = await bench.store.claim('one', 9)
    assert.ok(first && second && third)
    const some = await bench.store.end([done(first), failed(second, 'Image [busybox] failed to pull: no\0 such tag')])
    assert.deepEqual(some, { tasks: [], open: [task], pulled: [{ project, image: 'busybox', host: hosts[0] }] })
    assert.deepEqual(await statusOf(task), {
      host1: 'Done',
      host2: 'Image [busybox] failed to pull: no\ufffd such tag',
      host3: 'Pulling',
    })
    assert.deepEqual((await bench.store.end([done(third)])).tasks, [task])
    assert.ok(await bench.store.isOver(task))
    assert.deepEqual(await bench.store.end([done(third), failed(first)]), { tasks: [], open: [task], pulled: [] })
    assert.equal((await statusOf(task))?.['host1'], 'Done')
  })

  it('do not take a cached image that was not there for one that was pulled', async () => {
    await bench.begun(hosts.slice(0, 2), { mode: 'cached' })
    const [absent, present] = await bench.store.claim('one', 9)
    assert.ok(absent && present)
    const { pulled } = await bench.store.end([
      { host: absent.host, pull: absent.pull, attempt: absent.attempt, outcome: 'done' },
      done(present),
    ])
    assert.deepEqual(
      pulled.map(({ host }) => host),
      [present.host],
    )
  })

  it('let a failed host wait again while it has retries', async () => {
    const task = await bench.begun(hosts.slice(0, 1), { retries: 1 })
    const [first] = await bench.store.claim('one', 9)
    assert.deepEqual((await bench.store.end([failed(first ?? assert.fail())])).tasks, [])
    assert.deepEqual(await statusOf(task), { host1: 'Pulling' })
    const [second] = await bench.store.claim('one', 9)
    assert.equal(second?.attempt, 2)
    assert.deepEqual((await bench.store.end([failed(first ?? assert.fail())])).tasks, [], 'the first attempt is over')
    assert.deepEqual((await bench.store.end([failed(second)])).tasks, [task])
    assert.deepEqual(await statusOf(task), { host1: 'no such tag' })
  })

  it('do not try again after the time limit of the task', async () => {
    const task = await bench.begun(hosts.slice(0, 1), { retries: 9, timeoutSeconds: 60 })
    const [first] = await bench.store.claim('one', 9)
    assert.equal(first?.timeoutSeconds, 60)
    await bench.age(61)
    await bench.sessions.beat('one')
    assert.deepEqual((await bench.store.end([failed(first)])).tasks, [task])
  })

  it('give a further attempt the rest of the time', async () => {
    await bench.begun(hosts.slice(0, 1), { retries: 9, timeoutSeconds: 60 })
    const [first] = await bench.store.claim('one', 9)
    await bench.age(40)
    await bench.store.end([failed(first ?? assert.fail())])
    const [second] = await bench.store.claim('one', 9)
    assert.ok(second?.timeoutSeconds && second.timeoutSeconds <= 20, `${second?.timeoutSeconds} s`)
  })

  it('keep the most bytes that were reported, and every layer, and hear nobody else', async () => {
    const task = await bench.begun(hosts.slice(0, 1))
    const [order] = await bench.store.claim('one', 9)
    const { host, pull, attempt } = order ?? assert.fail()
    const layers = [{ id: 'a\0', bytes: 70, totalBytes: 200, done: false }]
    await bench.store.report([{ host, pull, attempt, bytes: 70, totalBytes: 200, layers }])
    await bench.store.report([{ host, pull, attempt, bytes: 30 }])
    await bench.store.report([{ host, pull, attempt: attempt + 1, bytes: 150 }])
    await bench.store.report([{ host: hosts[1] ?? 0, pull, attempt, bytes: 160 }])
    await bench.store.end([{ host: hosts[1] ?? 0, pull, attempt, outcome: 'failed' }])
    const [row] = await bench.store.pulls(task)
    assert.deepEqual(
      [row?.bytes, row?.totalBytes, row?.layers],
      [70, 200, [{ id: 'a\ufffd', bytes: 70, totalBytes: 200, done: false }]],
    )
  })

  it('tell a percentage over all hosts that never falls, and who pulls', async () => {
    const task = await bench.begun(hosts, { parallelism: 2 })
    const told: number[] = []
    const tell = () => bench.store.tell(task, async ({ percent }) => void told.push(percent))
    const [first, second] = await bench.store.claim('one', 9)
    assert.ok(first && second)
    await tell()
    await bench.store.report([{ ...first, bytes: 50, totalBytes: 100 }])
    await tell()
    await bench.store.report([{ ...first, bytes: 60, totalBytes: 1000 }])
    await tell()
    await bench.store.end([done(first)])
    await tell()
    assert.deepEqual(told, [0, 12, 12, 25])
    await bench.store.report([{ ...second, bytes: 7, totalBytes: 9 }])
    await bench.store.tell(task, async ({ current, hosts: all, endedHosts, image }) => {
      assert.deepEqual(
        { current, all, endedHosts, image },
        {
          current: { name: 'host2', bytes: 7, totalBytes: 9 },
          all: 4,
          endedHosts: 1,
          image: 'busybox',
        },
      )
    })
  })

  it('go on with what a host that connects again still does, and let the rest wait', async () => {
    const task = await bench.begun(hosts.slice(0, 1))
    const other = await bench.begun(hosts.slice(0, 1))
    const [kept, lost] = await bench.store.claim('one', 9)
    assert.ok(kept && lost)
    await bench.connect(hosts.slice(0, 1), 'two')
    const { pull, attempt } = kept
    const stranger = { pull: lost.pull, attempt: 7 }
    assert.deepEqual(await bench.store.resume(kept.host, [{ pull, attempt }, stranger]), [lost.pull])
    const again = await bench.store.claim('two', 9)
    assert.deepEqual(
      again.map((order) => [order.task, order.attempt]),
      [[other, 2]],
    )
    assert.deepEqual((await bench.store.end([done(kept)])).tasks, [task])
  })

  it('give up on a host that loses its pull again and again', async () => {
    const task = await bench.begun(hosts.slice(0, 1))
    for (let turn = 1; !(await bench.store.isOver(task)) && turn < 20; turn++) {
      const [order] = await bench.store.claim('one', 9)
      await bench.store.resume(order?.host ?? assert.fail(), [])
    }
    assert.deepEqual(await bench.store.ended(9), [task])
    assert.deepEqual(await statusOf(task), { host1: 'The agent of the host lost this pull 6 times' })
  })

  it('take back what nobody was told of, without counting it', async () => {
    await bench.begun(hosts.slice(0, 1))
    const [order] = await bench.store.claim('one', 9)
    await bench.store.release([order ?? assert.fail()])
    assert.deepEqual(await bench.store.claim('one', 9), [order])
  })

  it('end all pulls of a task that is cancelled, and nothing of one that is over', async () => {
    const task = await bench.begun(hosts, { parallelism: 2 })
    const [first, second] = await bench.store.claim('one', 9)
    await bench.store.end([done(first ?? assert.fail())])
    await bench.store.cancel(task)
    const status = { host1: 'Done', host2: 'Cancelled', host3: 'Cancelled', host4: 'Cancelled' }
    assert.deepEqual(await statusOf(task), status)
    assert.deepEqual(await bench.store.end([done(second ?? assert.fail())]), { tasks: [], open: [task], pulled: [] })
    assert.deepEqual([await bench.store.claim('one', 9), await bench.store.ended(9)], [[], []])
    await bench.store.cancel(task)
    assert.deepEqual(await statusOf(task), status)
  })

  it('fail hosts that wait and are away, when processes lived for that time', async () => {
    const stranger = await bench.hosts(1)
    const task = await bench.begun([...hosts.slice(0, 2), ...stranger], { parallelism: 1 })
    await bench.store.claim('one', 9)
    await bench.sessions.disconnect([hosts[1] ?? assert.fail()], 'one')
    await bench.age(10)
    assert.deepEqual(await bench.store.expire(20), [])
    await bench.age(10.5)
    assert.deepEqual(await bench.store.expire(20), [], 'the process was silent')
    await bench.sessions.beat('one')
    assert.deepEqual(await bench.store.expire(20), [], 'it has only begun to live again')
    await bench.opened.database
      .updateTable('host_hub')
      .set({ started: new Date(0) })
      .execute()
    assert.deepEqual(await bench.store.expire(20), [task])
    const away = 'The agent of the host is not connected'
    assert.deepEqual(await statusOf(task), {
      host1: 'Image [busybox] failed to pull: the host has not been heard of for 20 seconds',
      host2: away,
      host3: away,
    })
  })

  it('fail a host that pulls longer than the limit of its task, whatever it reports', async () => {
    const task = await bench.begun(hosts.slice(0, 1), { timeoutSeconds: 30 })
    const [order] = await bench.store.claim('one', 9)
    await bench.age(36)
    await bench.sessions.beat('one')
    await bench.store.report([order ?? assert.fail()])
    assert.deepEqual(await bench.store.expire(60), [task])
    assert.deepEqual(await statusOf(task), { host1: 'Image [busybox] failed to pull: not done within 30 seconds' })
  })
})

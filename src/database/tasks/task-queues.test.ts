import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import type { Task } from '../../core/task.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, newTask, success, TestEngine, type TestWorker } from '../../testing/workers.ts'

onEachDatabase('the queues of resources', (fresh) => {
  let engine: TestEngine
  let worker: TestWorker
  before(async () => {
    engine = new TestEngine(await fresh.open())
    worker = await engine.worker()
  })
  beforeEach(() => engine.database.deleteFrom('task').execute())
  after(() => engine.close())

  const claimNames = async () => names(await engine.claimAll(worker))
  const finish = (task: Task) => engine.claims.finish(fenceOf(task), success)

  it('hand out the tasks of one resource one at a time, in the order of queueing', async () => {
    for (const name of ['first', 'second', 'third']) await engine.enqueue(name, ['repository:zoo'])
    const [first, ...none] = await engine.claimAll(worker)
    assert.equal(first?.operation, 'first')
    assert.deepEqual(none, [])
    await finish(first)
    assert.deepEqual(await claimNames(), ['second'])
  })

  it('hand out tasks of different resources, and those that reserve nothing, side by side', async () => {
    await engine.enqueue('zoo', ['repository:zoo'])
    await engine.enqueue('none')
    await engine.enqueue('park', ['repository:park'])
    assert.deepEqual(await claimNames(), ['zoo', 'none', 'park'])
  })

  it('give a task all of its resources or none, and let nobody pass it', async () => {
    await engine.enqueue('a', ['A'])
    await engine.enqueue('b', ['B'])
    await engine.enqueue('both', ['B', 'A'])
    await engine.enqueue('late', ['B'])
    const [a, b] = await engine.claimAll(worker)
    assert.ok(a && b)
    await finish(b)
    assert.deepEqual(await claimNames(), [])
    await finish(a)
    const [both, ...others] = await engine.claimAll(worker)
    assert.deepEqual([both?.operation, others], ['both', []])
    await finish(both as Task)
    assert.deepEqual(await claimNames(), ['late'])
  })

  it('lose no task when both of its queues become free in the same moment', async () => {
    for (let round = 0; round < 25; round++) {
      const [a, b] = [await engine.enqueue('a', ['A']), await engine.enqueue('b', ['B'])]
      const both = await engine.enqueue('both', ['A', 'B'])
      const running = await engine.claimAll(worker)
      assert.deepEqual(names(running), [a.operation, b.operation])
      await Promise.all(running.map(finish))
      const [next] = await engine.claimAll(worker)
      assert.equal(next?.id, both.id, `round ${round}`)
      await finish(next)
    }
  })

  it('do not lock each other out when tasks name their resources in different orders', async () => {
    const orders = [
      ['A', 'B', 'C'],
      ['C', 'B', 'A'],
      ['B', 'C', 'A'],
    ]
    const tasks = Array.from({ length: 24 }, (_, index) => newTask(`task-${index}`, orders[index % 3]))
    await Promise.all(tasks.map((task) => engine.store.enqueue([task])))
    for (let left = tasks.length; left > 0; left--) {
      const claimed = await engine.claimAll(worker)
      assert.equal(claimed.length, 1)
      await Promise.all(claimed.map(finish))
    }
  })

  it('queue several tasks of one call in order and let them wait for each other', async () => {
    const queued = await engine.store.enqueue([newTask('one', ['A']), newTask('two', ['A']), newTask('free')])
    assert.deepEqual(names(queued), ['one', 'two', 'free'])
    assert.deepEqual(await claimNames(), ['one', 'free'])
  })

  it('count what could be claimed now, up to a limit', async () => {
    await engine.store.enqueue([newTask('one', ['A']), newTask('two', ['A']), newTask('x'), newTask('y')])
    assert.equal(await engine.claims.countReady(10), 3)
    assert.equal(await engine.claims.countReady(2), 2)
  })

  it('move on when a waiting task is cancelled, wherever it stands', async () => {
    await engine.enqueue('a', ['A'])
    const head = await engine.enqueue('both', ['A', 'B'])
    await engine.enqueue('b', ['B'])
    await engine.enqueue('next', ['A'])
    const [a] = await engine.claimAll(worker)
    await engine.store.cancel(head.id)
    assert.deepEqual(await claimNames(), ['b'])
    await finish(a as Task)
    assert.deepEqual(await claimNames(), ['next'])
  })

  it('keep the place of a task that was given back', async () => {
    await engine.enqueue('first', ['A'])
    await engine.enqueue('second', ['A'])
    const [first] = await engine.claimAll(worker)
    assert.ok(first)
    await engine.claims.finish(fenceOf(first), { state: 'released' })
    const again = await engine.claimAll(worker)
    assert.deepEqual(
      again.map((task) => [task.operation, task.attempt]),
      [['first', 2]],
    )
  })

  it('move on after an error as after a success', async () => {
    await engine.enqueue('broken', ['A'])
    await engine.enqueue('next', ['A'])
    const [broken] = await engine.claimAll(worker)
    assert.ok(broken)
    const error = { kind: 'upstream', message: 'gone', details: { code: 'http_status' }, trace: null } as const
    await engine.claims.finish(fenceOf(broken), { state: 'error', error })
    assert.deepEqual((await engine.store.get(broken.id)).error, error)
    assert.deepEqual(await claimNames(), ['next'])
  })
})

function names(tasks: readonly Task[]): readonly string[] {
  return tasks.map((task) => task.operation)
}

import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import fc from 'fast-check'
import type { PullOrder, RolloutOrder } from '../../core/rollout.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { done, failed, RolloutBench } from '../../testing/rollouts.ts'

const long = process.env['DECKLE_TEST_LONG'] === '1'
const processes = ['one', 'two', 'three']
const hostCount = 6

type Step = { readonly what: 'claim' | 'done' | 'failed' | 'report' | 'reconnect' | 'release'; readonly pick: number }

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('claim', 'claim', 'done', 'done', 'failed', 'report', 'reconnect', 'release'),
  pick: fc.nat(1000),
})
const plan = fc.record({
  steps: fc.array(step, { maxLength: 40 }),
  orders: fc.array(
    fc.record({
      parallelism: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
      retries: fc.nat(2),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  /** How many steps are taken side by side. */
  abreast: fc.integer({ min: 1, max: 4 }),
})

onEachDatabase('rollouts of several processes', (fresh) => {
  let bench: RolloutBench
  let hosts: readonly number[]
  before(async () => {
    bench = new RolloutBench(await fresh.open())
    hosts = await bench.hosts(hostCount)
  })

  it('never exceed a limit, end every pull once, and never go back', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ steps, orders, abreast }) => {
        await bench.opened.database.deleteFrom('rollout').execute()
        for (const [index, process] of processes.entries()) {
          await bench.connect(
            hosts.filter((_host, at) => at % processes.length === index),
            process,
          )
        }
        const world = new World(bench, hosts)
        for (const order of orders) await world.begin(order)
        for (let at = 0; at < steps.length; at += abreast) {
          await Promise.all(steps.slice(at, at + abreast).map((one) => world.take(one)))
          await world.check()
        }
        await world.finish()
      }),
      { numRuns: long ? 400 : 25 },
    )
  })
})

/** What the hosts really do. */
class World {
  readonly #bench: RolloutBench
  readonly #hosts: readonly number[]
  readonly #limits = new Map<number, number>()
  readonly #told: PullOrder[] = []
  readonly #endings = new Map<number, number>()
  readonly #percent = new Map<number, number>()

  constructor(bench: RolloutBench, hosts: readonly number[]) {
    this.#bench = bench
    this.#hosts = hosts
  }

  async begin(order: Partial<RolloutOrder>): Promise<void> {
    const task = await this.#bench.begun(this.#hosts, order)
    this.#limits.set(task, order.parallelism ?? hostCount)
  }

  async take({ what, pick }: Step): Promise<void> {
    const { store, sessions } = this.#bench
    const process = processes[pick % processes.length] ?? 'one'
    if (what === 'claim') {
      this.#told.push(...(await store.claim(process, 1 + (pick % 5))))
    } else if (what === 'reconnect') {
      const host = this.#hosts[pick % this.#hosts.length] ?? 0
      await sessions.connect(host, process)
      const mine = this.#told.filter((order) => order.host === host)
      // An agent that was started again knows nothing.
      const known = pick % 2 === 0 ? mine : []
      const dropped = await store.resume(host, known)
      for (const order of mine) if (!known.includes(order) || dropped.includes(order.pull)) this.#forget(order)
    } else await this.#act(what, pick)
  }

  async #act(what: Exclude<Step['what'], 'claim' | 'reconnect'>, pick: number): Promise<void> {
    const { store } = this.#bench
    const order = this.#told[pick % Math.max(1, this.#told.length)]
    if (order === undefined) return
    if (what === 'report') await store.report([{ ...order, bytes: pick, totalBytes: 1000 + pick }])
    else if (what === 'release') {
      this.#forget(order)
      await store.release([order])
    } else {
      this.#forget(order)
      this.#count((await store.end([what === 'done' ? done(order) : failed(order)])).tasks)
    }
  }

  #forget(order: PullOrder): void {
    const at = this.#told.indexOf(order)
    if (at >= 0) this.#told.splice(at, 1)
  }

  #count(tasks: readonly number[]): void {
    for (const task of tasks) this.#endings.set(task, (this.#endings.get(task) ?? 0) + 1)
  }

  async check(): Promise<void> {
    for (const [task, limit] of this.#limits) {
      const pulls = await this.#bench.store.pulls(task)
      const pulling = pulls.filter(({ phase }) => phase === 'pulling').length
      assert.ok(pulling <= limit, `${pulling} of ${limit} pull`)
      await this.#bench.store.tell(task, async ({ percent }) => {
        assert.ok(percent >= (this.#percent.get(task) ?? 0) && percent < 100, `${percent} %`)
        this.#percent.set(task, percent)
      })
    }
  }

  /** Everybody goes on until nothing is left to do. */
  async finish(): Promise<void> {
    const { store } = this.#bench
    for (let idle = 0; idle < 2; ) {
      for (const host of this.#hosts) {
        await store.resume(
          host,
          this.#told.filter((order) => order.host === host),
        )
      }
      for (const process of processes) this.#told.push(...(await store.claim(process, 100)))
      await this.check()
      idle = this.#told.length === 0 ? idle + 1 : 0
      this.#count((await store.end(this.#told.splice(0).map((order) => done(order)))).tasks)
    }
    for (const task of this.#limits.keys()) {
      const phases = (await store.pulls(task)).map(({ phase }) => phase)
      assert.ok(
        phases.every((phase) => phase === 'done' || phase === 'failed'),
        `${phases}`,
      )
      assert.ok(await store.isOver(task))
      assert.ok((this.#endings.get(task) ?? 0) <= 1, 'a task ended twice')
    }
    assert.deepEqual(await store.ended(100), [...this.#limits.keys()])
  }
}

import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { silentLog } from '../core/log.ts'
import type { Task } from '../core/task.ts'
import type { OpenDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { PostgresWorkerPresence } from '../database/tasks/postgres-worker-presence.ts'
import { onEachDatabase } from '../testing/databases.ts'
import { eventually } from '../testing/eventually.ts'
import { checkJournal, createJournal, journalOperation, journalTask } from '../testing/journal.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { startSlots } from '../testing/slots.ts'
import { TestEngine } from '../testing/workers.ts'
import { TaskRunner } from './task-runner.ts'

const long = process.env['DECKLE_TEST_LONG'] === '1'
const seed = Number(process.env['DECKLE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const resources = ['repository:a', 'repository:b', 'repository:c', 'group:d']

onEachDatabase(`the task engine under random faults, DECKLE_TEST_SEED=${seed}`, (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  const cleanUps: (() => Promise<void>)[] = []
  before(async () => {
    opened = await fresh.open()
    engine = new TestEngine(opened)
    await createJournal(opened.database)
  })
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp()
    await opened.database.deleteFrom('task').execute()
  })
  after(() => engine.close())

  it('never has two writers on a resource, keeps the order, and leaves nothing behind', async () => {
    const random = new SeededRandom(seed)
    const workers = await Promise.all([0, 1, 2, 3].map((number) => RandomWorker.start(number, opened, engine)))
    const sweep = setInterval(() => void engine.claims.recoverDead().catch(() => undefined), 25)
    cleanUps.push(async () => clearInterval(sweep), ...workers.map((worker) => () => worker.stop()))
    const tasks: Task[] = []
    const cancelled = new Set<string>()
    let kills = 0
    const steps: Record<string, () => Promise<unknown>> = {
      enqueue: async () => tasks.push(...(await engine.store.enqueue(randomTasks(random)))),
      cancel: async () => {
        const task = random.pick(tasks.slice(-20))
        if (task === undefined) return
        cancelled.add(task.id)
        await engine.store.cancel(task.id)
      },
      kill: async () => {
        kills++
        random.pick(workers)?.loseConnection()
      },
      outage: async () => {
        kills += workers.length
        await endAllConnections(opened)
      },
      restart: async () => random.pick(workers)?.restart(),
      pause: () => pause(random.below(30)),
    }
    const weighted = ['enqueue', 'enqueue', 'enqueue', 'cancel', 'kill', 'kill', 'outage', 'restart', 'pause', 'pause']
    for (let count = 0; count < (long ? 4_000 : 250); count++) {
      // Right after an outage a step may meet a connection that is just ending.
      await steps[random.pick(weighted) ?? 'pause']?.().catch(() => undefined)
    }
    await checkEnds(cancelled, kills)
  })

  it('holds all of this when real worker processes are killed', async () => {
    const random = new SeededRandom(seed)
    const { slots, stop } = await startSlots(opened.url, { slots: 3, output: 'ignore' })
    cleanUps.push(stop)
    let kills = 0
    for (let count = 0; count < (long ? 120 : 6); count++) {
      await engine.store.enqueue(randomTasks(random))
      await pause(100 + random.below(300))
      const victim = random.pick(slots.pids)
      if (victim === undefined) continue
      kills++
      process.kill(victim, 'SIGKILL')
    }
    await checkEnds(new Set(), kills)
  })

  async function checkEnds(cancelled: ReadonlySet<string>, kills: number): Promise<void> {
    const unfinished = engine.database.selectFrom('task').select('id').where('finished', 'is', null).limit(1)
    await eventually(async () => (await unfinished.execute()).length === 0)
    const ends = await Array.fromAsync(engine.store.list({}))
    const unasked = ends.filter(({ state, id }) => state === 'canceled' && !cancelled.has(id))
    assert.deepEqual(unasked, [], 'tasks were canceled by nobody')
    const failed = ends.filter(({ state }) => state === 'error')
    assert.deepEqual(new Set(failed.map(({ error }) => error?.details.code)), new Set(failed.map(() => 'PLP0049')))
    assert.ok(3 * failed.length <= kills, `${failed.length} tasks were given up after ${kills} deaths`)
    await checkJournal(opened.database)
  }
})

async function endAllConnections({ pool }: OpenDatabase): Promise<void> {
  await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}

function randomTasks(random: SeededRandom) {
  return Array.from({ length: 1 + random.below(3) }, () =>
    journalTask({
      resources: resources.filter(() => random.next() < 0.4),
      steps: 1 + random.below(6),
      pauseMs: random.below(12),
      deaf: random.next() < 0.3,
    }),
  )
}

/** A worker in this process that loses its liveness lock or restarts when told. */
class RandomWorker {
  readonly #name: string
  readonly #opened: OpenDatabase
  readonly #engine: TestEngine
  #control: ControlConnection | undefined
  #stop: () => Promise<void> = () => Promise.resolve()

  private constructor(number: number, opened: OpenDatabase, engine: TestEngine) {
    this.#name = `reserved_resource_worker-${number}@here`
    this.#opened = opened
    this.#engine = engine
  }

  static async start(number: number, opened: OpenDatabase, engine: TestEngine): Promise<RandomWorker> {
    const worker = new RandomWorker(number, opened, engine)
    await worker.#begin()
    return worker
  }

  /** The lock is free at once, while the operation still runs. */
  loseConnection(): void {
    this.#control?.drop()
  }

  async restart(): Promise<void> {
    await this.#stop()
    await this.#begin()
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  async #begin(): Promise<void> {
    const control = new ControlConnection(this.#opened.url, silentLog)
    await control.open()
    const presence = new PostgresWorkerPresence(control, [this.#name])
    const operations = { journal: journalOperation(this.#opened.database) }
    const { claims } = this.#engine
    const runner = new TaskRunner({ name: this.#name, presence, claims, operations, log: silentLog, pollMs: 200 })
    await presence.open(runner)
    const ended = runner.run()
    this.#control = control
    this.#stop = async () => {
      runner.stop()
      await ended
      await presence.close()
      await control.close()
    }
  }
}

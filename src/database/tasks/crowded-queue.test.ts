import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { silentLog } from '../../core/log.ts'
import { onEachDatabase } from '../../testing/databases.ts'
import { fenceOf, newTask, success, TestEngine, type TestWorker } from '../../testing/workers.ts'
import { type OpenDatabase, openDatabase } from '../connection.ts'

const long = process.env['DECKLE_TEST_LONG'] === '1'
const waiting = long ? 10_000 : 1_000
const finished = long ? 1_000_000 : 10_000
const turns = long ? 2_000 : 100

/**
 * Pages that nine calls of ten may touch: twice what they need. To look at everybody who waits takes more than a thousand, each time.
 * One call of a hundred may touch some 600: the counters are the table's, and hold what the server itself reads meanwhile.
 */
const mostPages = { claim: 100, enqueue: 100, finish: 250 }

onEachDatabase(`with ${waiting} tasks waiting for one repository and ${finished} finished`, (fresh) => {
  let opened: OpenDatabase
  let engine: TestEngine
  let worker: TestWorker
  before(async () => {
    const { url } = await fresh.open()
    // One connection, so that what it has touched is known when the next statement asks.
    opened = openDatabase(url, silentLog, 1)
    engine = new TestEngine(opened)
    worker = await engine.worker()
    await fill(opened)
  })
  after(async () => {
    await engine.close()
    await opened.close()
  })

  test('a claim, an enqueue and an end look at a few pages, and go on to while the queue moves', async (t) => {
    const calls = { claim: new Figures(), enqueue: new Figures(), finish: new Figures() }
    for (let turn = 0; turn < turns; turn++) {
      const task = await measure(calls.claim, () => engine.claims.claim(worker))
      assert.ok(task)
      assert.equal(await engine.claims.claim(worker), undefined, 'one at a time')
      await measure(calls.enqueue, () => engine.store.enqueue([newTask('more', ['repository:busy'])]))
      await measure(calls.finish, () => engine.claims.finish(fenceOf(task), success))
    }
    for (const name of ['claim', 'enqueue', 'finish'] as const) {
      t.diagnostic(`${name}: ${calls[name]}`)
      const pages = calls[name].pages(0.9)
      assert.ok(pages <= mostPages[name], `${name} touched ${pages} pages`)
    }
  })

  async function measure<Result>(figures: Figures, call: () => Promise<Result>): Promise<Result> {
    const before = await pagesTouched(opened)
    const start = performance.now()
    const result = await call()
    const milliseconds = performance.now() - start
    figures.add(milliseconds, (await pagesTouched(opened)) - before)
    return result
  }
})

async function fill({ database, pool }: OpenDatabase): Promise<void> {
  await sql`
    INSERT INTO task (task_id, operation, arguments, tags, resources, state, started, finished, result)
    SELECT gen_random_uuid(), 'old', '{}', ARRAY['repository:' || n % 1000], ARRAY['repository:' || n % 1000],
      'finished', now(), now(), '{"added": 1}'
    FROM generate_series(1, ${finished}::integer) AS n`.execute(database)
  await sql`
    WITH queued AS (
      INSERT INTO task (task_id, operation, arguments, tags, resources, state, ready)
      SELECT gen_random_uuid(), 'wait', '{}', ARRAY['repository:busy'], ARRAY['repository:busy'], 'waiting', n = 1
      FROM generate_series(1, ${waiting}::integer) AS n RETURNING id)
    INSERT INTO task_resource (resource, task) SELECT 'repository:busy', id FROM queued`.execute(database)
  await pool.query('VACUUM ANALYZE task, task_resource')
}

/** Pages of tables and their indexes that the one connection has asked for until now. */
async function pagesTouched({ pool }: OpenDatabase): Promise<number> {
  await pool.query('SELECT pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ pages: number }>(`
    SELECT sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0))::bigint AS pages
    FROM pg_statio_user_tables WHERE relname LIKE 'task%'`)
  return rows[0]?.pages ?? 0
}

class Figures {
  readonly #pages: number[] = []
  readonly #milliseconds: number[] = []

  add(milliseconds: number, pages: number): void {
    this.#milliseconds.push(milliseconds)
    this.#pages.push(pages)
  }

  pages(share: number): number {
    return quantile(this.#pages, share)
  }

  toString(): string {
    const at = (share: number) => quantile(this.#milliseconds, share).toFixed(2)
    return `median ${at(0.5)} ms, p99 ${at(0.99)} ms; pages: median ${this.pages(0.5)}, p90 ${this.pages(0.9)}, at most ${this.pages(1)}`
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0
}

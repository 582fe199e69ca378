import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { Type } from 'typebox'
import { onOneDatabase } from '../src/testing/databases.ts'
import { eventually } from '../src/testing/eventually.ts'
import { PulpApplicability } from '../src/wire/pulp/applicability.ts'
import { PulpGroupCallReport } from '../src/wire/pulp/call-report.ts'
import { PulpGroupSummary } from '../src/wire/pulp/task-group.ts'
import { makeMirror, syncWell } from './support/mirrors.ts'
import { inProject, isLong } from './support/project.ts'
import { call, read } from './support/pulp-calls.ts'
import { sharedServer } from './support/servers.ts'

const api = '/pulp/api/v2'
const limit = { timeout: 120_000 }
const workers = 2
/** Each has a profile of its own, so a group has a member for every 50 of them. */
const consumers = 5_300
const members = 106

/** How many members have finished when a group is cancelled. */
const moments = isLong ? [0, 1, 7, 20, 40, 60, 80, 100] : [0, 30]

/** Who waits for the table that members read. */
const blockedSql = `SELECT DISTINCT pid FROM pg_locks WHERE relation = 'membership'::regclass AND NOT granted`

const Found = Type.Array(
  Type.Object({ unit_id: Type.String(), metadata: Type.Object({ name: Type.String(), arch: Type.String() }) }),
)

onOneDatabase('applicability of many consumers', (fresh) => {
  const sample = inProject('sample/repository')
  const server = sharedServer(fresh, () => ({ DECKLE_WORKERS: `${workers}`, DECKLE_FEED_DIRS: sample }))
  let unit: string

  before(async () => {
    await makeMirror(server(), 'zoo', { feed: pathToFileURL(`${sample}/`).href })
    await syncWell(server(), 'zoo')
    const criteria = { type_ids: ['rpm'], limit: 1 }
    const found = await call(server(), 'POST', `${api}/repositories/zoo/search/units/`, { criteria })
    const [first] = read(Found, found)
    assert.ok(first)
    unit = first.unit_id
    const { name, arch } = first.metadata
    await register({ name, arch, epoch: 0, version: '0', release: '0' })
  })

  /** In the database: by the API each would cost a key. */
  async function register(installed: object) {
    await inDatabase(async (client) => {
      await client.query(
        `INSERT INTO consumer (name, notes) SELECT 'host-' || i, '{}' FROM generate_series(1, $1) AS i`,
        [consumers],
      )
      await client.query(
        `INSERT INTO consumer_profile (consumer, content_type, profile, hash)
        SELECT id, 'rpm', jsonb_build_array($1::jsonb, name), sha256(name::bytea) FROM consumer`,
        [JSON.stringify(installed)],
      )
      await client.query(`INSERT INTO binding (consumer, repository, distributor, notify_agent, config)
        SELECT id, 'zoo', 'yum_distributor', false, '{}' FROM consumer`)
    })
  }

  async function inDatabase<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client({ connectionString: server().databaseUrl })
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  async function regenerate() {
    const body = { repo_criteria: { filters: { id: 'zoo' } }, parallel: true }
    const answer = await call(server(), 'POST', `${api}/repositories/actions/content/regenerate_applicability/`, body)
    assert.equal(answer.status, 202)
    return new Group(read(PulpGroupCallReport, answer)._href)
  }

  /** A group that is looked at again and again; what every look must show is held at each. */
  class Group {
    readonly #href: string
    #last: PulpGroupSummary | undefined
    looks = 0

    constructor(href: string) {
      this.#href = href
    }

    async look(): Promise<PulpGroupSummary> {
      const now = read(PulpGroupSummary, await call(server(), 'GET', `${this.#href}state_summary/`))
      const { total, ...states } = now
      const sum = Object.values(states).reduce((all, one) => all + one, 0)
      assert.deepEqual([total, sum], [members, members], JSON.stringify(now))
      assert.ok(now.running <= workers, JSON.stringify(now))
      assert.deepEqual([now.error, now.accepted, now.suspended, now.skipped], [0, 0, 0, 0])
      const ended = (one: PulpGroupSummary) => one.finished + one.canceled
      const before = this.#last ?? now
      assert.ok(ended(now) >= ended(before), `${JSON.stringify(before)} before ${JSON.stringify(now)}`)
      this.#last = now
      this.looks += 1
      return now
    }

    /** Looks without a pause until it shows this. */
    async until(seen: (summary: PulpGroupSummary) => boolean): Promise<PulpGroupSummary> {
      for (;;) {
        const summary = await this.look()
        if (seen(summary)) return summary
      }
    }

    async cancel(): Promise<void> {
      const { status, body } = await call(server(), 'DELETE', this.#href)
      assert.deepEqual([status, body], [200, null])
    }
  }

  const isOver = ({ waiting, running }: PulpGroupSummary) => waiting + running === 0

  test(
    'is cancelled while members run, wait and have ended, and is summed up right at every look',
    limit,
    async (t) => {
      const group = await regenerate()
      await group.until(({ finished }) => finished >= 10)
      const held = await inDatabase(async (client) => {
        // Members that run read units, and cannot from here on.
        await client.query('BEGIN')
        await client.query('LOCK TABLE membership IN ACCESS EXCLUSIVE MODE')
        await eventually(async () => ((await client.query(blockedSql)).rowCount ?? 0) >= workers)
        const before = await group.until(({ running }) => running === workers)
        assert.ok(before.waiting > 0 && before.finished >= 10, JSON.stringify(before))
        await group.cancel()
        const after = await group.look()
        assert.deepEqual([after.waiting, after.canceled >= before.waiting], [0, true], JSON.stringify(after))
        await client.query('ROLLBACK')
        return before
      })
      const last = await group.until(isOver)
      assert.deepEqual([last.finished, last.canceled], [held.finished, members - held.finished])
      assert.deepEqual(await group.look(), last)
      await group.cancel()
      assert.deepEqual(await group.look(), last)
      t.diagnostic(`${held.finished} finished, ${held.running} running, ${held.waiting} waiting; ${group.looks} looks`)
    },
  )

  test('is cancelled at any moment, by several callers, and the sum is right all the time', limit, async () => {
    for (const moment of moments) {
      const group = await regenerate()
      await group.until(({ finished }) => finished >= moment)
      const cancelled = Promise.all([group.cancel(), group.cancel()])
      const last = await group.until(isOver)
      await cancelled
      assert.ok(last.finished >= moment && last.finished + last.canceled === members, JSON.stringify(last))
      assert.deepEqual(await group.look(), last)
    }
  })

  test('is made for all of them by the whole group, and told of all of them', limit, async (t) => {
    const start = performance.now()
    const group = await regenerate()
    assert.equal((await group.until(isOver)).finished, members)
    const made = performance.now()
    const body = { criteria: {}, content_types: ['rpm'] }
    const told = await call(server(), 'POST', `${api}/consumers/content/applicability/`, body)
    const reports = read(Type.Array(PulpApplicability), told)
    assert.equal(new Set(reports.flatMap(({ consumers: names }) => names)).size, consumers)
    assert.ok(reports.every(({ applicability }) => applicability['rpm']?.includes(unit)))
    const [making, telling] = [made - start, performance.now() - made].map((ms) => (ms / 1000).toFixed(1))
    t.diagnostic(`${consumers} profiles: made in ${making} s with ${group.looks} looks beside it, told in ${telling} s`)
  })
})

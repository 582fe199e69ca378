import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { livingPostmaster } from '../../src/database/embedded/postmaster-file.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { DeckleServer, ServerOptions } from './deckle-server.ts'
import type { Mirrored } from './mirrored.ts'
import { workerSlotsOf } from './processes.ts'
import { call, type PulpAnswer } from './pulp-calls.ts'
import { startServer } from './servers.ts'
import { temporaryFiles } from './temporary-files.ts'

const victims = ['server', 'slot', 'postgres'] as const
/** Longer than a round's work without a kill takes, milliseconds. */
const longestWait = 1_200

interface Acknowledged {
  /** Tasks by the path of their report. */
  readonly tasks: string[]
  /** The last note that was answered with 200, by repository. */
  readonly notes: Map<string, string>
}

/** A server on its embedded PostgreSQL that works, is hurt at random moments, and must be whole again after each. */
export class KillRounds {
  readonly #t: TestContext
  readonly #random: SeededRandom
  readonly #mirrors: readonly Mirrored[]
  readonly #options: ServerOptions
  /** Of its own, since readers draw as often as they come to read. */
  readonly #readerRandom: SeededRandom
  readonly kills: Record<string, number> = {}
  /** Mirrors whose sync was ever acknowledged. */
  readonly #synced = new Set<string>()
  #turn: number
  #server: DeckleServer

  private constructor(
    t: TestContext,
    random: SeededRandom,
    options: ServerOptions,
    server: DeckleServer,
    mirrors: readonly Mirrored[],
  ) {
    this.#t = t
    this.#random = random
    this.#readerRandom = new SeededRandom(random.below(2 ** 32))
    this.#turn = random.below(victims.length)
    this.#options = options
    this.#server = server
    this.#mirrors = mirrors
  }

  static async begin(
    t: TestContext,
    random: SeededRandom,
    options: ServerOptions,
    mirrors: readonly Mirrored[],
  ): Promise<KillRounds> {
    const server = await startServer(t, options)
    for (const mirror of mirrors) await mirror.create(server)
    return new KillRounds(t, random, options, server, mirrors)
  }

  async round(): Promise<void> {
    for (const mirror of this.#mirrors) await mirror.change()
    const acknowledged: Acknowledged = { tasks: [], notes: new Map() }
    const over = new AbortController()
    const work = [
      this.#syncAll(acknowledged),
      ...this.#mirrors.map(({ id }) => this.#note(id, acknowledged, over.signal)),
    ]
    const readers = this.#mirrors.map((mirror) => this.#read(mirror, over.signal))
    await pause(this.#random.below(longestWait))
    await this.#kill(victims[this.#turn++ % victims.length] ?? 'server')
    over.abort()
    await Promise.all([...work, ...readers])
    await this.#check(acknowledged)
  }

  /** With nobody killed, everything comes to what upstream has now. */
  async calm(): Promise<void> {
    const acknowledged: Acknowledged = { tasks: [], notes: new Map() }
    for (const mirror of this.#mirrors) await mirror.change()
    await this.#syncAll(acknowledged)
    assert.equal(acknowledged.tasks.length, this.#mirrors.length + 1, 'a sync each and the orphans')
    await this.#check(acknowledged)
  }

  async #syncAll({ tasks }: Acknowledged): Promise<void> {
    const calls = this.#mirrors.map(({ id }) => this.#sync(id))
    const orphans = this.#try('DELETE', '/pulp/api/v2/content/orphans/')
    for (const answer of await Promise.all([...calls, orphans]))
      if (answer?.status === 202) tasks.push(...tasksOf(answer))
  }

  async #sync(id: string): Promise<PulpAnswer | undefined> {
    const answer = await this.#try('POST', `/pulp/api/v2/repositories/${id}/actions/sync/`, {})
    if (answer?.status === 202) this.#synced.add(id)
    return answer
  }

  async #note(id: string, { notes }: Acknowledged, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const note = randomUUID()
      const answer = await this.#try('PUT', `/pulp/api/v2/repositories/${id}/`, { delta: { notes: { last: note } } })
      if (answer?.status === 200) notes.set(id, note)
      // It may have been written although nobody heard of it.
      else if (answer === undefined || answer.status >= 500) notes.delete(id)
      await pause(20)
    }
  }

  /** What is answered with 200 while others are killed is right, too. */
  async #read(mirror: Mirrored, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await mirror.readSomething(this.#server, this.#readerRandom)
      await pause(5)
    }
  }

  async #kill(victim: (typeof victims)[number]): Promise<void> {
    this.kills[victim] = (this.kills[victim] ?? 0) + 1
    if (victim === 'slot') return this.#killSlot()
    if (victim === 'postgres') return this.#killPostgres()
    await this.#server.kill()
    this.#server = await startServer(this.#t, this.#options)
  }

  async #killSlot(): Promise<void> {
    const slot = this.#random.pick(workerSlotsOf(this.#server.pid))
    if (slot !== undefined) process.kill(slot.pid, 'SIGKILL')
  }

  async #killPostgres(): Promise<void> {
    const running = await livingPostmaster(join(this.#options.dataDir, 'postgres/data'))
    if (running !== undefined) process.kill(running.pid, 'SIGKILL')
  }

  async #check({ tasks, notes }: Acknowledged): Promise<void> {
    for (const path of tasks) await this.#ended(path)
    await this.#idle()
    for (const [id, note] of notes) assert.equal(await this.#noteOf(id), note, `the notes of ${id}`)
    for (const mirror of this.#mirrors) await mirror.check(this.#server, this.#synced.has(mirror.id))
    await eventually(async () => (await temporaryFiles(this.#options.dataDir)).length === 0)
    await eventually(() => strangers(this.#options.dataDir, this.#server.pid).length === 0)
  }

  /** An acknowledged task is there and is done: nobody's death is its error. */
  async #ended(path: string): Promise<void> {
    let last: PulpAnswer | undefined
    await eventually(async () => {
      last = await this.#try('GET', path)
      assert.notEqual(last?.status, 404, `${path} is lost`)
      return last?.status === 200 && stateOf(last) !== 'waiting' && stateOf(last) !== 'running'
    })
    assert.equal(last && stateOf(last), 'finished', JSON.stringify(last?.body))
  }

  /** The publishes that follow a sync, and syncs whose acknowledgement was lost, end as well. */
  async #idle(): Promise<void> {
    await eventually(async () => {
      const answer = await this.#try('GET', '/pulp/api/v2/tasks/')
      if (answer?.status !== 200 || !Array.isArray(answer.body)) return false
      const states = answer.body.map((body: unknown) => stateOf({ ...answer, body }))
      assert.ok(!states.includes('error'), JSON.stringify(answer.body))
      return states.every((state) => state === 'finished')
    })
  }

  async #noteOf(id: string): Promise<unknown> {
    const { body } = await call(this.#server, 'GET', `/pulp/api/v2/repositories/${id}/`)
    return (body as { notes: Record<string, unknown> }).notes['last']
  }

  /** Undefined when there was no answer. */
  async #try(method: string, path: string, body?: unknown): Promise<PulpAnswer | undefined> {
    return call(this.#server, method, path, body).catch(() => undefined)
  }
}

function tasksOf({ body }: PulpAnswer): string[] {
  return (body as { spawned_tasks: { _href: string }[] }).spawned_tasks.map(({ _href }) => _href)
}

function stateOf({ body }: PulpAnswer): string {
  return (body as { state: string }).state
}

/** Processes that work on the data folder and are neither the server, nor its children, nor its PostgreSQL. */
function strangers(dataDir: string, server: number): number[] {
  const ours = new Set([server, ...workerSlotsOf(server).map(({ pid }) => pid)])
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  return all.filter(
    (pid) => !ours.has(pid) && environmentOf(pid).includes(`DECKLE_DATA_DIR=${dataDir}`) && !isPostgres(pid),
  )
}

function environmentOf(pid: number): string[] {
  return readOf(pid, 'environ').split('\0')
}

function isPostgres(pid: number): boolean {
  return readOf(pid, 'cmdline').includes('postgres')
}

function readOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

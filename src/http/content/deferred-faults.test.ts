import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { FileBlobStore } from '../../blobs/file-blob-store.ts'
import type { DeferredFileStore } from '../../core/deferred-file.ts'
import type { Log } from '../../core/log.ts'
import { eventually } from '../../testing/eventually.ts'
import { OnDemandBench } from '../../testing/on-demand-bench.ts'
import { ReadingClient } from '../../testing/reading-client.ts'
import { storeBlob } from '../../testing/suite-blobs.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'

const mebibyte = 1024 * 1024
const tail = 64 * 1024
const small = randomBytes(300_000)
const large = randomBytes(3 * mebibyte)

describe('a file that is not stored, when something goes wrong', () => {
  it('comes from the next source without the client noticing, as long as nothing was given', async () => {
    const { bench, upstream } = await open()
    for (const [index, fault] of [{ status: 404 }, { corrupt: true }, { resetAfter: 200_000 }].entries()) {
      upstream.put(`/bad${index}`, { body: small, ...fault })
      upstream.put(`/good${index}`, small)
      const urls = [upstream.url(`/bad${index}`), upstream.url(`/good${index}`)]
      const { path } = bench.publish('a', small, urls)
      const { server } = await bench.node()
      const { status, body } = await server.ask(path)
      assert.ok(status === 200 && body.equals(small), `source ${index}`)
    }
  })

  it('breaks off at once for a client that was given bytes of a bad source, and comes from the next for others', async () => {
    const { bench, upstream } = await open()
    const gate = Promise.withResolvers<void>()
    upstream.put('/bad', { body: large, corrupt: true })
    upstream.put('/good', { body: large, until: gate.promise })
    const { key, path } = bench.publish('a', large, [upstream.url('/bad'), upstream.url('/good')])
    const { server } = await bench.node()
    const client = await ReadingClient.get(server.port, path)
    assert.equal(await client.body, undefined)
    assert.ok(client.received <= large.length - tail)
    gate.resolve()
    await eventually(() => bench.files.stored(key) !== undefined)
    assert.ok((await server.ask(path)).body.equals(large))
  })

  it('comes whole when a transfer breaks in the middle and another source goes on', async () => {
    const { bench, upstream } = await open()
    upstream.put('/bad', { body: large, resetAfter: 2 * mebibyte })
    upstream.put('/good', large)
    const { path } = bench.publish('a', large, [upstream.url('/bad'), upstream.url('/good')])
    const { server } = await bench.node()
    assert.ok((await server.ask(path)).body.equals(large))
  })

  it('is never whole when the bytes given before a break were wrong', async () => {
    const { bench, upstream } = await open()
    upstream.put('/bad', { body: large, corrupt: true, resetAfter: 2 * mebibyte })
    upstream.put('/good', { body: large })
    const { path } = bench.publish('a', large, [upstream.url('/bad'), upstream.url('/good')])
    const { server } = await bench.node()
    const client = await ReadingClient.get(server.port, path)
    const body = await client.body
    assert.ok(body === undefined || body.equals(large))
  })

  it('is refused with a reason that holds no secret when no source has it', async () => {
    const { bench, upstream } = await open()
    const logged: string[] = []
    const { server } = await bench.node({ log: recordingLog(logged), downloads: { timeouts: { stall: 50 } } })
    for (const [fault, status, reason] of [
      [{ status: 404 }, 502, /upstream answered 404/],
      [{ corrupt: true }, 502, /other bytes/],
      [{ resetAfter: 0 }, 502, /broke/],
      [{ stallAfter: 10 }, 504, /stopped answering/],
    ] as const) {
      upstream.put('/a', { body: small, ...fault })
      const { path } = bench.publish('a', small, [upstream.url('/a?token=secret').replace('//', '//user:secret@')])
      logged.length = 0
      const answer = await server.ask(path)
      assert.deepEqual([answer.status, answer.headers['cache-control']], [status, 'no-store'])
      assert.match(answer.body.toString(), reason)
      assert.ok(!`${answer.body}${logged.join()}`.includes('secret'))
      assert.match(logged.at(-1) ?? '', /could not be fetched for a client/)
    }
  })

  it('is 503, for a while, when the fault is ours', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', small)
    const { path } = bench.publish('a', small, [upstream.url('/a')])
    const away = async () => Promise.reject(new Error('the database is away'))
    const files = overriding(bench.files, { complete: away })
    const { server } = await bench.node({ files })
    const { status, headers } = await server.ask(path)
    assert.deepEqual([status, headers['retry-after']], [503, '60'])
  })

  it('is 503 while there is no space to store it, and nothing is fetched', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', small)
    const { path } = bench.publish('a', small, [upstream.url('/a')])
    const { server } = await bench.node({ space: { shortage: async () => 'secret place is full' } })
    const { status, body } = await server.ask(path)
    assert.deepEqual([status, upstream.paths.length], [503, 0])
    assert.match(body.toString(), /no space is left to store it/)
  })

  it('is looked up again when it is gone: its bytes may have turned out to be those of another file', async () => {
    const { bench } = await open()
    const merged = bench.publish('a', small, [])
    const lost = bench.publish('a', small, [])
    const size = small.length
    const files = overriding(bench.files, {
      lease: async (key) => {
        if (key === lost.key) bench.content.takeDown(`/pulp/repos/${key}`)
        else
          bench.content.publish(`/pulp/repos/${key}`, {
            a: { file: { ...merged, size, ...stored(merged.sha256, size) } },
          })
        return { state: 'gone' }
      },
    })
    const { server, blobs } = await bench.node({ files })
    await storeBlob(blobs, small)
    assert.deepEqual((await server.ask(merged.path)).body, small)
    assert.equal((await server.ask(lost.path)).status, 404)
  })

  it('comes to the end when the process that fetches it dies in the middle', async () => {
    const { bench, upstream } = await open()
    upstream.put('/a', [{ body: large, stallAfter: 2 * mebibyte }, { body: large }])
    const { key, path } = bench.publish('a', large, [upstream.url('/a')])
    const dying = new MortalFiles(bench.files)
    const leader = await bench.node({ files: dying.port })
    void leader.fetcher.open(key)
    await eventually(() => upstream.paths.length === 1)
    const follower = await bench.node()
    const client = await ReadingClient.get(follower.server.port, path)
    await client.until(mebibyte)
    dying.die()
    bench.files.expire(key)
    assert.ok((await client.body)?.equals(large))
    assert.equal(upstream.paths.length, 2)
  })

  it('comes once it is stored when another process fetches it and the store shows no staged bytes', async () => {
    const { bench, upstream } = await open()
    const rest = Promise.withResolvers<void>()
    upstream.put('/a', { body: large, stallAfter: 2 * mebibyte, restAfter: rest.promise })
    const { key, path } = bench.publish('a', large, [upstream.url('/a')])
    const leader = await bench.node()
    void leader.fetcher.open(key)
    await eventually(() => upstream.paths.length === 1)
    const blobs = (store: FileBlobStore) => overriding(store, { openStaged: async () => undefined })
    const follower = await bench.node({ blobs })
    const answer = follower.server.ask(path)
    rest.resolve()
    assert.ok((await answer).body.equals(large))
    assert.equal(upstream.paths.length, 1)
  })
})

function stored(sha256: string, length: number) {
  return { mediaType: null, lastModified: new Date(0), rope: [{ sha256, offset: 0, length }] }
}

async function open() {
  return { bench: await OnDemandBench.open(), upstream: await UpstreamServer.start() }
}

/** The same object with some methods replaced. */
function overriding<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const own = Reflect.get(methods, name) ?? Reflect.get(target, name, target)
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
}

/** What a process that was killed still says: nothing. */
class MortalFiles {
  readonly port: DeferredFileStore
  #alive = true

  constructor(files: DeferredFileStore) {
    this.port = new Proxy(files, {
      get: (target, name) => {
        const method = Reflect.get(target, name)
        return (...values: unknown[]) => (this.#alive ? method.apply(target, values) : new Promise(() => undefined))
      },
    })
  }

  die(): void {
    this.#alive = false
  }
}

function recordingLog(lines: string[]): Log {
  const note = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { info: note, warn: note, error: note, with: () => log }
  return log
}

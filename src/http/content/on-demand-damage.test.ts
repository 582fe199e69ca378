import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { neverAborts } from '../../testing/downloads.ts'
import { allOf, OnDemandBench, type OnDemandNode, type Told } from '../../testing/on-demand-bench.ts'
import { ReadingClient } from '../../testing/reading-client.ts'
import { SeededRandom } from '../../testing/seeded-random.ts'
import { type Reply, UpstreamServer } from '../../testing/upstream-server.ts'

const rounds = process.env['DECKLE_TEST_LONG'] === '1' ? 1_000 : 60
const seed = Number(process.env['DECKLE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

describe(`files from upstreams that damage them, DECKLE_TEST_SEED=${seed}`, () => {
  it('never come whole and wrong, however clients behave', async () => {
    const random = new SeededRandom(seed)
    const upstream = await UpstreamServer.start()
    const bench = await OnDemandBench.open()
    const nodes = [await bench.node(quick), await bench.node(quick)]
    const seen = { whole: 0, part: 0, cut: 0, refused: 0, left: 0 }
    for (let round = 0; round < rounds; round += 1) await play(random, bench, upstream, nodes, round, seen)
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, `nobody saw: ${what}`)
  })
})

/** Nothing that failed is remembered, so that chance alone decides the order of sources. */
const quick = { limits: { failedMs: 0 }, downloads: { timeouts: { stall: 200 } } }

type Seen = Record<'whole' | 'part' | 'cut' | 'refused' | 'left', number>

/** One file with one to three sources, and one to four clients at two processes. */
async function play(
  random: SeededRandom,
  bench: OnDemandBench,
  upstream: UpstreamServer,
  nodes: readonly OnDemandNode[],
  round: number,
  seen: Seen,
): Promise<void> {
  const bytes = Buffer.alloc(random.below(random.next() < 0.3 ? 100_000 : 3_000_000), `round ${round} `)
  const replies = Array.from({ length: 1 + random.below(3) }, () => damaged(bytes, random))
  const urls = replies.map((reply, index) => {
    upstream.put(`/${round}/${index}`, () => reply)
    return upstream.url(`/${round}/${index}`)
  })
  const { key, path, sha256 } = bench.publish('file', bytes, urls, someOf(allOf(bytes), random))
  const clients = Array.from({ length: 1 + random.below(4) }, () => behave(random, random.pick(nodes), path, bytes))
  if (random.next() < 0.2) bench.files.expire(key)
  for (const outcome of await Promise.all(clients)) seen[outcome] += 1
  const fetched = await nodes[0]?.fetcher.fetch(key, { signal: neverAborts }).catch(() => undefined)
  if (replies.some((reply) => reply.body === bytes && 'good' in reply)) assert.equal(fetched?.sha256, sha256)
  for (const { server } of fetched === undefined ? [] : nodes) assert.ok((await server.ask(path)).body.equals(bytes))
}

/** A digest is always known: without one, nothing tells damage from content. */
function someOf({ size, digests = [] }: Told, random: SeededRandom): Told {
  return { digests, ...(size !== undefined && random.next() < 0.7 && { size }) }
}

function damaged(bytes: Buffer, random: SeededRandom): Reply & { readonly good?: true } {
  const at = random.below(bytes.length + 1)
  const chunked = random.next() < 0.3
  const kind = random.below(9)
  if (kind === 0) return { status: random.pick([404, 500, 403]) ?? 404 }
  if (kind === 1) return { body: bytes, chunked, resetAfter: at }
  if (kind === 2) return { body: bytes, chunked, truncateAfter: at }
  if (kind === 3) return { body: bytes.subarray(0, at), chunked }
  if (kind === 4) return { body: Buffer.concat([bytes, Buffer.alloc(1 + random.below(100_000), 'more')]), chunked }
  if (kind === 5) return { body: flipped(bytes, at), chunked }
  if (kind === 6) return { body: flipped(bytes, at), resetAfter: random.below(bytes.length + 1) }
  if (kind === 7) return { body: bytes, stallAfter: at, restAfter: later(random.below(100)) }
  return { body: bytes, chunked, good: true }
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[Math.min(at, bytes.length - 1)] = 0
  return copy
}

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Asks for the file, or a part of it, and reads on, stops for a while, or leaves. Checks what it got. */
async function behave(
  random: SeededRandom,
  node: OnDemandNode | undefined,
  path: string,
  bytes: Buffer,
): Promise<keyof Seen> {
  const start = random.below(bytes.length + 1)
  const [leavesAt, pausesAt] = [random.below(4_000_000), random.below(4_000_000)]
  const leaves = random.next() < 0.2
  const range = random.next() < 0.2 ? { range: `bytes=${start}-` } : {}
  const client = await ReadingClient.get(node?.server.port ?? 0, path, range)
  if (client.status >= 400) return 'refused'
  if (leaves) {
    await client.until(leavesAt)
    client.leave()
    return 'left'
  }
  await client.until(pausesAt)
  client.pause()
  await later(5)
  client.resume()
  const body = await client.body
  if (body === undefined) return 'cut'
  const expected = client.status === 206 ? bytes.subarray(start) : bytes
  assert.ok(body.equals(expected), `${body.length} wrong bytes with status ${client.status} for ${path}`)
  return client.status === 206 ? 'part' : 'whole'
}

import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import WebSocket from 'ws'
import { sha256Hex } from '../../src/core/digest.ts'

const secret = 'bench'
const digest = `sha256:${'0'.repeat(64)}`
const project = 5

/** What all hosts of a fleet do, seen from them. */
export class FleetRecord {
  pulling = 0
  mostPulling = 0
  ended = 0
  lastEnd = 0
}

/** Hosts and the keys of their agents, as rows; returns the access keys. */
export async function makeHosts(databaseUrl: string, count: number): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(
    `WITH host AS (
      INSERT INTO resource (type, owner, name, state, identity, data)
      SELECT 'host', ${project}, 'host' || n, 'active', 'host' || n, '{"labels": {"zone": "eu"}}'
      FROM generate_series(1, $1::integer) AS n RETURNING id)
    INSERT INTO resource (type, owner, state, identity, data)
    SELECT 'agentKey', id, 'active', lpad(id::text, 20, '0'), jsonb_build_object('secretSha256', $2::text) FROM host`,
    [count, sha256Hex(secret)],
  )
  const { rows } = await client.query<{ identity: string }>(`SELECT identity FROM resource WHERE type = 'agentKey'`)
  await client.end()
  return rows.map(({ identity }) => identity)
}

/** Opens the connection of an agent's own kind for each host, some at a time; resolves when all are welcome. */
export async function connectHosts(url: string, keys: readonly string[], record: FleetRecord): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  const left = [...keys]
  const work = async () => {
    for (let key = left.pop(); key !== undefined; key = left.pop()) sockets.push(await connectHost(url, key, record))
  }
  await Promise.all(Array.from({ length: 100 }, work))
  return sockets
}

async function connectHost(url: string, key: string, record: FleetRecord): Promise<WebSocket> {
  const authorization = `Basic ${btoa(`${key}:${secret}`)}`
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/agent/connect`, {
    headers: { authorization },
    perMessageDeflate: false,
  })
  await once(socket, 'open')
  const say = (message: object) => socket.send(JSON.stringify(message))
  const welcome = once(socket, 'message')
  say({ kind: 'hello', hostname: key, labels: {}, engine: 'docker 24', version: 'bench', pulls: [] })
  await welcome
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (message.kind === 'pull') void pull(message, say, record)
  })
  const alive = setInterval(() => say({ kind: 'alive' }), 10_000)
  socket.on('close', () => clearInterval(alive))
  return socket
}

interface Order {
  readonly pull: number
  readonly attempt: number
}

/** Three layers, a report for each, in a tenth to three tenths of a second. */
async function pull({ pull: key, attempt }: Order, say: (message: object) => void, record: FleetRecord): Promise<void> {
  record.pulling++
  record.mostPulling = Math.max(record.mostPulling, record.pulling)
  const totalBytes = 30_000_000
  for (let layer = 1; layer <= 3; layer++) {
    await pause(30 + Math.random() * 70)
    const bytes = layer * 10_000_000
    const layers = [1, 2, 3].map((id) => ({
      ...{ id: `layer${id}`, bytes: id <= layer ? 10_000_000 : 0, totalBytes: 10_000_000, done: id <= layer },
    }))
    say({ kind: 'progress', pull: key, attempt, bytes, totalBytes, layers })
  }
  record.pulling--
  record.ended++
  record.lastEnd = performance.now()
  say({ kind: 'end', pull: key, attempt, outcome: 'done', digest })
}

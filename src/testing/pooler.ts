import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { Client } from 'pg'
import { clientPath } from './clients.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface PoolerOptions {
  readonly mode: 'transaction' | 'session'
  /** Server processes at most; default 20. */
  readonly size?: number
}

/** Starts PgBouncer before a database until the test ends; returns the URL that leads through it. */
export async function startPooler(t: TestContext, databaseUrl: string, options: PoolerOptions): Promise<string> {
  const { host, port, user = '', password, database = '' } = new Client({ connectionString: databaseUrl })
  const folder = await temporaryFolder()
  const listens = await freePort()
  const secret = typeof password === 'string' ? ` password=${password}` : ''
  const settings = [
    '[databases]',
    `${database} = host=${host} port=${port} user=${user}${secret} dbname=${database}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${listens}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${options.mode}`,
    `default_pool_size = ${options.size ?? 20}`,
    'max_client_conn = 200',
  ]
  const path = join(folder, 'pgbouncer.ini')
  await writeFile(path, `${settings.join('\n')}\n`, { mode: 0o644 })
  // It refuses to run as root.
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const child = spawn(clientPath('pgbouncer'), [path], { ...identity, stdio: ['ignore', 'ignore', 'pipe'] })
  t.after(() => end(child, folder))
  await untilReady(child)
  return `postgres://${user}@127.0.0.1:${listens}/${database}`
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error('the output of PgBouncer is not piped')
  const said: string[] = []
  for await (const line of createInterface(child.stderr)) {
    said.push(line)
    if (/process up/.test(line)) return void child.stderr.resume()
  }
  throw new Error(`PgBouncer does not start:\n${said.join('\n')}`)
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

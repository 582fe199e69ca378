import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'

export interface Nginx {
  readonly url: string
  stop(): Promise<void>
}

/** Serves a folder with nginx on a free port: the upstream of benchmarks, which must not be the bottleneck. */
export async function startNginx(work: string, root: string): Promise<Nginx> {
  await mkdir(work, { recursive: true })
  const port = await freePort()
  const file = join(work, 'nginx.conf')
  await writeFile(file, configuration(work, root, port))
  const child = spawn('nginx', ['-c', file, '-g', 'daemon off;'], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/`
  await answers(url, child)
  return { url, stop: () => stop(child) }
}

function configuration(work: string, root: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const folders = temporary.map((name) => `${name}_temp_path ${join(work, name)};`).join(' ')
  return `user root; worker_processes 2; pid ${join(work, 'pid')}; error_log ${join(work, 'error.log')};
events { worker_connections 1024; }
http { access_log off; sendfile on; keepalive_requests 100000; ${folders}
  server { listen 127.0.0.1:${port}; root ${root}; autoindex on; } }\n`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** nginx says nothing when it is ready: asked until it answers or has ended. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`nginx ended with ${child.exitCode}`)
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

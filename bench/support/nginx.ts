import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'

export interface Nginx {
  readonly url: string
  /** Where clients have to show a certificate; empty when no guard was given. */
  readonly guardedUrl: string
  stop(): Promise<void>
}

/** Files in PEM: what the server proves itself with, and the authority of the clients that it lets in. */
export interface Guard {
  readonly certificate: string
  readonly key: string
  readonly authority: string
}

/** Serves a folder with nginx on a free port: the upstream of benchmarks, which must not be the bottleneck. */
export async function startNginx(work: string, root: string, guard?: Guard): Promise<Nginx> {
  await mkdir(work, { recursive: true })
  const port = await freePort()
  const guardedPort = await freePort()
  const file = join(work, 'nginx.conf')
  await writeFile(file, configuration(work, root, port, guard && guarded(guardedPort, root, guard)))
  const child = spawn('nginx', ['-c', file, '-g', 'daemon off;'], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/`
  await answers(url, child)
  return { url, guardedUrl: guard ? `https://127.0.0.1:${guardedPort}/` : '', stop: () => stop(child) }
}

function configuration(work: string, root: string, port: number, more = ''): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const folders = temporary.map((name) => `${name}_temp_path ${join(work, name)};`).join(' ')
  return `user root; worker_processes 2; pid ${join(work, 'pid')}; error_log ${join(work, 'error.log')};
events { worker_connections 1024; }
http { access_log off; sendfile on; keepalive_requests 100000; ${folders}
  server { listen 127.0.0.1:${port}; root ${root}; autoindex on; }${more} }\n`
}

function guarded(port: number, root: string, { certificate, key, authority }: Guard): string {
  const pair = `ssl_certificate ${certificate}; ssl_certificate_key ${key};`
  return `
  server { listen 127.0.0.1:${port} ssl; root ${root}; ${pair} ssl_client_certificate ${authority}; ssl_verify_client on; }`
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

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { clientPath } from '../../src/testing/clients.ts'
import { plainEnvironment } from './deckle-server.ts'
import { runProgram, succeed } from './programs.ts'
import { newFolder, removeFolder } from './servers.ts'

/** A real container engine of a test's own, with an empty store. */
export interface ContainerEngine {
  readonly socket: string
  /** What the engine's own program lists, `127.0.0.1:5000/team/app:one`. */
  images(): Promise<readonly string[]>
}

/** Docker takes registries on 127.0.0.0/8 without TLS by itself. Ended with the test. */
export async function startDocker(t: TestContext): Promise<ContainerEngine> {
  const folder = await newFolder()
  const socket = join(folder, 'docker.sock')
  const config = join(folder, 'daemon.json')
  await writeFile(config, '{"default-ulimits":{"nofile":{"Name":"nofile","Soft":1024,"Hard":1024}}}')
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '-p', join(folder, 'pid')]
  const network = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--storage-driver=vfs']
  const options = [...places, '-H', `unix://${socket}`, ...network, '--config-file', config]
  const child = spawn(clientPath('dockerd'), options, { env: plainEnvironment(), stdio: 'ignore' })
  t.after(async () => {
    await end(child)
    // These stay when dockerd goes.
    for (const mount of ['exec/netns/default', 'data']) await runProgram('umount', [join(folder, mount)])
    await removeFolder(folder)
  })
  const program = [clientPath('docker'), '-H', `unix://${socket}`] as const
  return ready(child, { socket, images: () => list(program) })
}

/** `registries` are those that it may ask without TLS. Ended with the test. */
export async function startPodman(t: TestContext, registries: readonly string[]): Promise<ContainerEngine> {
  const folder = await newFolder()
  const socket = join(folder, 'podman.sock')
  const config = join(folder, 'registries.conf')
  await mkdir(join(folder, 'run'))
  await writeFile(config, registries.map((name) => `[[registry]]\nlocation = "${name}"\ninsecure = true\n`).join(''))
  const places = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  const env = { ...plainEnvironment(), CONTAINERS_REGISTRIES_CONF: config }
  const child = spawn(clientPath('podman'), [...places, 'system', 'service', '--time=0', `unix://${socket}`], {
    env,
    stdio: 'ignore',
  })
  t.after(async () => {
    await end(child)
    await runProgram('umount', [join(folder, 'root', 'vfs')])
    await removeFolder(folder)
  })
  return ready(child, { socket, images: () => list([clientPath('podman'), ...places]) })
}

async function ready(child: ChildProcess, engine: ContainerEngine): Promise<ContainerEngine> {
  const curl = ['-sf', '--unix-socket', engine.socket, 'http://engine/version']
  for (let left = 300; (await runProgram(clientPath('curl'), curl)).code !== 0; left--) {
    if (left === 0 || child.exitCode !== null) throw new Error(`no engine at ${engine.socket} (${child.exitCode})`)
    await sleep(100)
  }
  return engine
}

async function list([program, ...options]: readonly [string, ...string[]]): Promise<readonly string[]> {
  const arguments_ = [...options, 'images', '--format', '{{.Repository}}:{{.Tag}}']
  const { stdout } = await succeed(program, arguments_, { env: plainEnvironment() })
  return stdout.split('\n').filter((line) => line !== '')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { pack } from 'tar-stream'
import { clientPath } from '../../src/testing/clients.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { plainEnvironment } from './deckle-server.ts'
import { runProgram, succeed } from './programs.ts'
import { newFolder, removeFolder } from './servers.ts'

export interface Login {
  readonly username: string
  readonly password: string
}

/** A real docker-registry of a test's own. */
export class ImageRegistry {
  /** `127.0.0.1:5000`. */
  readonly address: string
  readonly #login: Login | undefined
  readonly #folder: string

  private constructor(address: string, folder: string, login: Login | undefined) {
    this.address = address
    this.#folder = folder
    this.#login = login
  }

  /** Ended with the test; with a login it lets nobody else in. */
  static async start(t: TestContext, login?: Login): Promise<ImageRegistry> {
    const folder = await newFolder()
    const port = await freePort()
    const address = `127.0.0.1:${port}`
    const config = join(folder, 'config.yml')
    const auth = login === undefined ? '' : await authentication(folder, login)
    const storage = `storage: { filesystem: { rootdirectory: ${join(folder, 'data')} } }`
    await writeFile(config, `version: 0.1\n${storage}\nhttp: { addr: '${address}' }\n${auth}`)
    const child = spawn(clientPath('docker-registry'), ['serve', config], { env: plainEnvironment(), stdio: 'ignore' })
    t.after(async () => {
      await end(child)
      await removeFolder(folder)
    })
    const curl = ['-s', '-o', '/dev/null', `http://${address}/v2/`]
    await eventually(async () => (await runProgram(clientPath('curl'), curl)).code === 0)
    return new ImageRegistry(address, folder, login)
  }

  /** Pushes a new image with one layer of that many bytes, which nothing makes smaller. */
  async push(name: string, bytes = 1000): Promise<void> {
    const layout = await writeImage(join(this.#folder, name.replaceAll(/[^\w]/g, '-')), bytes)
    const login = this.#login === undefined ? [] : ['--dest-creds', `${this.#login.username}:${this.#login.password}`]
    const options = ['copy', '--insecure-policy', '--dest-tls-verify=false', ...login]
    await succeed(clientPath('skopeo'), [...options, `oci:${layout}:one`, `docker://${this.address}/${name}`], {
      env: plainEnvironment(),
    })
  }
}

async function authentication(folder: string, { username, password }: Login): Promise<string> {
  const file = join(folder, 'users')
  const { stdout } = await succeed(clientPath('htpasswd'), ['-Bbn', username, password])
  await writeFile(file, stdout)
  return `auth: { htpasswd: { realm: test, path: ${file} } }\n`
}

/** An OCI layout with one image, `one`, of one layer. */
async function writeImage(folder: string, bytes: number): Promise<string> {
  const archive = pack()
  archive.entry({ name: 'content' }, randomBytes(bytes))
  archive.finalize()
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const write = async (mediaType: string, content: Buffer) => {
    const hash = createHash('sha256').update(content).digest('hex')
    await writeFile(join(blobs, hash), content)
    return { mediaType, digest: `sha256:${hash}`, size: content.length }
  }
  const kind = (name: string) => `application/vnd.oci.image.${name}`
  const json = (value: object) => Buffer.from(JSON.stringify(value))
  const layer = await write(kind('layer.v1.tar'), await buffer(archive))
  const rootfs = { type: 'layers', diff_ids: [layer.digest] }
  const config = await write(kind('config.v1+json'), json({ architecture: 'amd64', os: 'linux', config: {}, rootfs }))
  const image = { schemaVersion: 2, mediaType: kind('manifest.v1+json'), config, layers: [layer] }
  const manifest = await write(kind('manifest.v1+json'), json(image))
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'one' } }
  await writeFile(join(folder, 'index.json'), json({ schemaVersion: 2, manifests: [named] }))
  await writeFile(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }))
  return folder
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

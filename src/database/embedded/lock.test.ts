import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, suite, test } from 'node:test'
import { lockFolder } from './lock.ts'
import { processIdentity } from './process-identity.ts'

suite('the lock of a folder', () => {
  const folders: string[] = []
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-lock-'))
    folders.push(folder)
  })
  after(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

  test('is free again after its release, and nothing of it stays', async () => {
    const lock = await lockFolder(folder)
    await lock.release()
    assert.deepEqual(await readdir(folder), [])
    await (await lockFolder(folder)).release()
  })

  test('is held by exactly one of many that ask at once', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.deepEqual(await readdir(folder), ['lock'])
  })

  test('is taken over from a process that has ended by exactly one of many', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const owner = `owner-${processIdentity(child.pid ?? 0)}`
    await leaveLock(owner)
    await assert.rejects(lockFolder(folder), { kind: 'conflict', message: new RegExp(`process ${child.pid} `) })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('is taken over when its pid belongs to a younger process now', async () => {
    await leaveLock(`owner-${process.pid}-1`)
    await (await lockFolder(folder)).release()
  })

  async function leaveLock(owner: string): Promise<void> {
    await mkdir(join(folder, 'lock'))
    await writeFile(join(folder, 'lock', owner), '')
  }
})

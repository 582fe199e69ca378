import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identityIsAlive, processIdentity } from './process-identity.mjs'
import { say } from './say.mjs'

/**
 * Runs `work` while no other process holds the lock folder `path`; waits for a living holder, takes over from a dead one.
 *
 * The folder holds one empty file named for its owner, and comes into being with it, by a rename. A rename onto an empty
 * folder succeeds for one process only, and a dead owner is removed by its name, so a take-over never hits a new owner.
 * @template Result
 * @param {string} path
 * @param {() => Promise<Result>} work
 */
export async function withLock(path, work) {
  const owner = `owner-${processIdentity(process.pid)}`
  await acquire(path, owner)
  try {
    return await work()
  } finally {
    release(path, owner)
  }
}

async function acquire(path, owner) {
  let told = false
  while (!claim(path, owner)) {
    const holder = livingHolder(path)
    if (holder === undefined) continue
    if (!told) say(`waiting for process ${Number.parseInt(holder, 10)}, which is installing or building here`)
    told = true
    await delay(100)
  }
}

function claim(path, owner) {
  mkdirSync(dirname(path), { recursive: true })
  const own = mkdtempSync(`${path}-`)
  writeFileSync(join(own, owner), '')
  try {
    renameSync(own, path)
    return true
  } catch (error) {
    rmSync(own, { recursive: true })
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false
    throw error
  }
}

/** The identity of the process that holds the lock; a dead one is removed. */
function livingHolder(path) {
  for (const name of listed(path)) {
    const identity = name.slice('owner-'.length)
    if (identityIsAlive(identity)) return identity
    rmSync(join(path, name), { force: true })
  }
  return undefined
}

function listed(path) {
  try {
    return readdirSync(path)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

function release(path, owner) {
  unlinkSync(join(path, owner))
  try {
    rmdirSync(path)
  } catch {
    // The next owner was faster: the folder is its own now.
  }
}

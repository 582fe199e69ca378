import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { withLock } from './lock.mjs'
import { npmCi } from './npm.mjs'
import { inRoot } from './places.mjs'
import { step } from './say.mjs'

const lockFile = inRoot('package-lock.json')
const stamp = inRoot('node_modules', '.deckle-lock-sha256')

/** Makes `node_modules` what package-lock.json says. */
export async function ensureDependencies() {
  if (isCurrent()) return
  await withLock(inRoot('.bootstrap'), async () => {
    if (isCurrent()) return
    if (!matchesLockFile()) {
      const why = existsSync(inRoot('node_modules')) ? 'package-lock.json has changed' : 'there is no node_modules yet'
      await step('installing packages with npm ci', why, () => npmCi(inRoot()))
    }
    writeFileSync(stamp, lockFileSha256())
  })
}

function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockFileSha256()
}

function lockFileSha256() {
  return createHash('sha256').update(readFileSync(lockFile)).digest('hex')
}

/** Whether somebody's own `npm install` brought everything already: npm lists what it installed in a hidden lock file. */
function matchesLockFile() {
  const hidden = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const installed = packagesOf(hidden)
  const wanted = Object.entries(packagesOf(lockFile)).filter(([path]) => path !== '')
  return wanted.every(([path, entry]) => {
    const found = installed[path]
    return found === undefined ? entry.optional === true : found.integrity === entry.integrity
  })
}

function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}

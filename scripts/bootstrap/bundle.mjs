import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { bundle, inRoot } from './places.mjs'
import { runQuietly } from './run.mjs'
import { step } from './say.mjs'

const stamp = inRoot('dist', '.stamp')

/** Builds `dist/` when it is missing or older than what it is made of. */
export async function ensureBundle(node) {
  if (isCurrent()) return
  await withLock(inRoot('.bootstrap'), async () => {
    if (isCurrent()) return
    await build(node, existsSync(bundle) ? 'the sources have changed' : 'there is no dist/deckle.js yet')
  })
}

/** Builds in any case. */
export async function build(node, why) {
  const before = fingerprint()
  const script = inRoot('scripts', 'build.mjs')
  await step('building dist', why, () => runQuietly('the build', node, [script], { cwd: inRoot(), env: process.env }))
  writeFileSync(stamp, before)
}

function isCurrent() {
  return existsSync(bundle) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()
}

/** Of names, sizes and times, so that a file that was removed or put back to an older state counts as a change. */
function fingerprint() {
  const hash = createHash('sha256')
  const scripts = [inRoot('scripts', 'build.mjs'), inRoot('scripts', 'bootstrap', 'bundle-agent.mjs')]
  const files = [
    inRoot('package-lock.json'),
    ...scripts,
    ...sources(inRoot('scripts', 'build')),
    ...sources(inRoot('src')),
  ]
  for (const path of files) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${path}\0${mtimeMs}\0${size}\n`)
  }
  return hash.digest('hex')
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'testing' ? [] : sources(path)
    return entry.name.endsWith('.test.ts') ? [] : [path]
  })
}

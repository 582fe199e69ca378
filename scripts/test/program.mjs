import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { ensureBundle } from '../bootstrap/bundle.mjs'
import { withLock } from '../bootstrap/lock.mjs'
import { inRoot } from '../bootstrap/places.mjs'

const aside = inRoot('dist.test')

/**
 * The program that the end-to-end tests start: the bundle of these sources, which starts in two thirds of the time, as users run it.
 * It lies aside, since a test packs Deckle and so builds `dist/` anew while others run.
 */
export async function bundleToTry() {
  await ensureBundle(process.execPath)
  await withLock(inRoot('.bootstrap'), async () => layAside())
  return inRoot('dist.test', 'deckle.js')
}

/** A copy that is current stays, since another run may be using it. */
function layAside() {
  if (stampOf(aside) === stampOf(inRoot('dist'))) return
  rmSync(aside, { recursive: true, force: true })
  cpSync(inRoot('dist'), aside, { recursive: true })
}

function stampOf(folder) {
  const stamp = `${folder}/.stamp`
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined
}

import { inRoot } from './places.mjs'
import { run } from './run.mjs'
import { say } from './say.mjs'

const checks = [['biome', 'check'], ['tsc', '--noEmit'], ['knip']]

/** Runs every check, also after one failed, so that one run tells everything. Returns the exit code. */
export async function check(environment) {
  const failed = []
  for (const [tool, ...args] of checks) {
    say(`check: ${[tool, ...args].join(' ')}`)
    const { code, signal } = await run(inRoot('node_modules/.bin', tool), args, environment, { cwd: inRoot() })
    if (signal !== null) return 1
    if (code !== 0) failed.push(tool)
  }
  say(failed.length === 0 ? 'check: all passed' : `check: failed: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

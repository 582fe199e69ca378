// Runs the tests on the databases that Deckle promises to work on. Arguments are test files, folders or patterns, and options of
// `node --test` in the form --name=value. Started by scripts/bootstrap.mjs under Node 24.
import { globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { inRoot } from './bootstrap/places.mjs'
import { endLike, run } from './bootstrap/run.mjs'
import { announce } from './test/announce.mjs'
import { withGroups } from './test/groups.mjs'
import { bundleToTry } from './test/program.mjs'
import { withServers } from './test/servers.mjs'

const everything = ['src/**/*.test.ts', 'e2e/**/*.test.ts', 'scripts/**/*.test.mjs']

process.chdir(inRoot())
const args = process.argv.slice(2)
const patterns = args.filter((arg) => !arg.startsWith('-')).map(asPattern)
const files = globSync(patterns.length === 0 ? everything : patterns, { exclude: ['**/node_modules'] }).sort()
if (files.length === 0) {
  process.stderr.write(`no test file matches ${patterns.join(' ') || everything.join(' ')}\n`)
  process.exit(1)
}

const seed = process.env.DECKLE_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31))
/** One more than there are processors, since much of the time is waiting for programs and sockets. */
const sideBySide = availableParallelism() + 1
/** Hundreds of processes load the same modules: compiled once, they start in half the time. */
const compiled = process.env.NODE_COMPILE_CACHE ?? inRoot('node_modules/.cache/deckle-test')
const environment = { ...process.env, DECKLE_TEST_SEED: seed, NODE_COMPILE_CACHE: compiled }
announce({ files, seed, args })
if (files.some((file) => file.includes('e2e/'))) environment.DECKLE_TEST_PROGRAM ??= await bundleToTry()
try {
  const outcome = await withGroups(files, (grouped) =>
    withServers((servers) => runTests(grouped, { ...environment, DECKLE_TEST_SERVERS: servers })),
  )
  endLike(outcome)
} catch (error) {
  if (error.kind !== 'cancelled') throw error
  process.exit(130)
}

function asPattern(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? `${path}/**/*.test.{ts,mjs}` : path
}

function runTests(grouped, env) {
  const options = [
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${sideBySide}`,
    `--import=${pathToFileURL(inRoot('src/testing/seed.ts'))}`,
    ...args.filter((arg) => arg.startsWith('-')),
  ]
  return run(process.execPath, [...options, ...grouped], env)
}

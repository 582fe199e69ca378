// What `npm start`, `npm test` and the others run, on any Node from 18 on and without any package installed: brings the
// right Node, the packages and the bundle where they are missing, then hands over.
import { build, ensureBundle } from './bootstrap/bundle.mjs'
import { check } from './bootstrap/check.mjs'
import { ensureDependencies } from './bootstrap/dependencies.mjs'
import { environmentFor, environmentForProgram } from './bootstrap/environment.mjs'
import { main } from './bootstrap/main.mjs'
import { ensureNode } from './bootstrap/node-runtime.mjs'
import { bundle, inRoot } from './bootstrap/places.mjs'
import { become } from './bootstrap/run.mjs'
import { BootstrapError } from './bootstrap/say.mjs'

/** Each gets the path of a Node 24 and the rest of the command line. */
const commands = {
  async start(node, args) {
    await ensureBundle(node)
    const environment = environmentForProgram(node, { DECKLE_SAMPLE: process.env.DECKLE_SAMPLE ?? 'true' })
    await become(node, [bundle, 'serve', ...args], environment)
  },
  async dev(node, args) {
    await become(node, ['--watch', inRoot('src/cli/main.ts'), 'serve', ...args], environmentFor(node))
  },
  async test(node, args) {
    await become(node, [inRoot('scripts/test.mjs'), ...args], environmentFor(node))
  },
  async 'test:long'(node, args) {
    await become(node, [inRoot('scripts/test.mjs'), ...args], environmentFor(node, { DECKLE_TEST_LONG: '1' }))
  },
  async bench(node, args) {
    await ensureBundle(node)
    await become(node, [inRoot('bench/main.ts'), ...args], environmentFor(node))
  },
  async check(node) {
    process.exitCode = await check(environmentFor(node))
  },
  async build(node) {
    await build(node, 'asked for')
  },
}

await main(async () => {
  const [name, ...args] = process.argv.slice(2)
  const command = commands[name]
  if (command === undefined) throw new BootstrapError(`usage: bootstrap.mjs ${Object.keys(commands).join('|')} [args…]`)
  const node = await ensureNode()
  await ensureDependencies()
  await command(node, args)
})

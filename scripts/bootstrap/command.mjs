import { ensureBundle } from './bundle.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { environmentForProgram } from './environment.mjs'
import { main } from './main.mjs'
import { ensureNode } from './node-runtime.mjs'
import { bundle, isClone } from './places.mjs'
import { become } from './run.mjs'

/** What `bin/deckle` does, in a clone and in an installed package. */
await main(async () => {
  const node = await ensureNode()
  if (isClone) {
    await ensureDependencies()
    await ensureBundle(node)
  }
  await become(node, [bundle, ...process.argv.slice(2)], environmentForProgram(node))
})

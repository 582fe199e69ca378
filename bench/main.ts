import { api } from './api.ts'
import { incrementalPublish } from './incremental-publish.ts'
import { largeMetadata } from './large-metadata.ts'
import { promote } from './promote.ts'
import { recursiveCopy } from './recursive-copy.ts'
import { rollout } from './rollout.ts'
import { serving } from './serving.ts'
import { startUp } from './start-up.ts'
import { syncAndPublish } from './sync-and-publish.ts'

/** Every benchmark, by the name that `npm run bench -- <name>` takes. Each runs its peers in the same run. */
const benchmarks: Readonly<Record<string, () => Promise<string>>> = {
  'sync-and-publish': syncAndPublish,
  'large-metadata': largeMetadata,
  'incremental-publish': incrementalPublish,
  serving,
  'start-up': startUp,
  api,
  rollout,
  promote,
  'recursive-copy': recursiveCopy,
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => benchmarks[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}\n`)
  process.exit(2)
}
for (const [name, run] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stdout.write(`## ${name}\n\n${await run()}\n`)
}

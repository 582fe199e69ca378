// Reads the text of the written Pulp API and writes what the contract test works from: calls, status codes, members, samples.
// The text is not part of the project. Usage: node scripts/extract-written-api.mjs <text file>
import { readFileSync, writeFileSync } from 'node:fs'
import { inRoot } from './bootstrap/places.mjs'
import { run } from './bootstrap/run.mjs'
import { readSections } from './written-api/read-sections.mjs'

const [source] = process.argv.slice(2)
if (source === undefined) {
  process.stderr.write('usage: node scripts/extract-written-api.mjs <text file>\n')
  process.exit(1)
}
const target = inRoot('e2e/written-api/pulp.json')
const written = readSections(readFileSync(source, 'utf8'))
writeFileSync(target, `${JSON.stringify(written, null, 2)}\n`)
await run(inRoot('node_modules/.bin/biome'), ['format', '--write', target], process.env)
process.stdout.write(`${written.operations.length} operations, ${written.objects.length} objects\n`)

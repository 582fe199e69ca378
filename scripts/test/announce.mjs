import { existsSync } from 'node:fs'
import { clients, missingClients } from '../../src/testing/clients.ts'
import { debian } from './servers.mjs'

/** Says before the first test what the run cannot cover here and how to repeat it; ends it where everything must be covered. */
export function announce({ files, seed, args }) {
  const again = process.env.DECKLE_TEST_LONG === '1' ? 'test:long' : 'test'
  const extra = args.length === 0 ? '' : ` -- ${args.join(' ')}`
  print(`${files.length} test files, seed ${seed}; repeat with DECKLE_TEST_SEED=${seed} npm run ${again}${extra}`)
  const missing = whatIsMissing()
  if (missing.length === 0) return
  print(['', ...missing.map((line) => `SKIPPED: ${line}`), ''].join('\n'))
  if (process.env.DECKLE_REQUIRE_CLIENTS !== '1') return
  process.stderr.write('DECKLE_REQUIRE_CLIENTS=1 asks for all of them\n')
  process.exit(1)
}

function whatIsMissing() {
  const programs = missingClients(Object.keys(clients)).map(
    (name) => `tests with ${name}, which is not installed (apt-get install ${clients[name]})`,
  )
  if (process.env.DECKLE_TEST_SERVERS !== undefined || existsSync(debian.folder)) return programs
  return [...programs, `everything on PostgreSQL ${debian.major} (apt-get install postgresql-${debian.major})`]
}

function print(text) {
  process.stdout.write(`${text}\n`)
}

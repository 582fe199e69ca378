import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** A path inside of the project. */
export function inProject(path: string): string {
  return join(root, path)
}

/** The command `deckle`: the bundle that scripts/test.mjs names; from source in a file that is run by itself. */
export const program = process.env['DECKLE_TEST_PROGRAM'] ?? inProject('src/cli/main.ts')

/** Whether the full numbers are asked for (`npm run test:long`). */
export const isLong = process.env['DECKLE_TEST_LONG'] === '1'

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a benchmark leaves to be undone: `defer`red in order, done in the opposite one. */
export interface Bench {
  readonly folder: string
  defer(end: () => Promise<unknown>): void
}

/** Runs a benchmark in an empty folder of its own and tidies up after it. */
export async function inBenchFolder<Result>(work: (bench: Bench) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'deckle-bench-'))
  // The embedded PostgreSQL runs as another user, who has to pass through here.
  await chmod(folder, 0o755)
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    return await work({ folder, defer: (end) => ends.push(end) })
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

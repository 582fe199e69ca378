import type { SyncOutcome } from './sync-outcome.ts'
import type { Terminal } from './terminal.ts'

/** Problems beyond this many are only counted; `deckle task show` and `--json` have them all. */
const most = 20

/** Says what a sync did, and names what it had to leave out. */
export function reportOutcome(terminal: Terminal, id: string, outcome: SyncOutcome): void {
  terminal.note(`${id}: ${outcome.added} added, ${outcome.updated} updated, ${outcome.removed} removed`)
  const { problems } = outcome
  if (problems.length === 0) return
  terminal.note(`${id}: ${problems.length} left out:`)
  for (const problem of problems.slice(0, most)) terminal.note(`  ${problem}`)
  if (problems.length > most) terminal.note(`  and ${problems.length - most} more`)
}

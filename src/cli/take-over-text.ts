import type { TaskReport } from '../clients/pulp-answers.ts'

const ways: Readonly<Record<string, string>> = {
  already: 'shows it already',
  shared: 'shows it, with files that were there',
  queued: 'has published it',
  left: 'was left alone, because it writes into a folder: `deckle repo publish` runs it',
}

/** What a rollback or a promotion has come to, a line each; the first task is that itself, the others publish. */
export function describeTakeOver(tasks: readonly Pick<TaskReport, 'result'>[]): readonly string[] {
  const { repo_id: id, version, source, units, publications } = Object(tasks[0]?.result)
  const from = Object(source)
  const of = from.repo_id === id ? '' : ` of ${from.repo_id}`
  const { added = 0, updated = 0, removed = 0 } = Object(units)
  const counts = `${added} added, ${updated} updated, ${removed} removed`
  const shown = (Array.isArray(publications) ? publications : []).map(
    ({ distributor_id: distributor, shown }) => `${distributor} ${ways[shown] ?? shown}`,
  )
  return [`version ${version} has the content of version ${from.version}${of} (${counts})`, ...shown]
}

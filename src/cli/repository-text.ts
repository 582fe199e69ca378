import type { DistributorReport, RepositoryDetails } from '../clients/pulp-answers.ts'
import { publishedUrl } from './client-configuration.ts'
import { textOf } from './loose-json.ts'
import { formatTable } from './table.ts'

export function repositoryTable(repositories: readonly RepositoryDetails[]): string {
  if (repositories.length === 0) return 'no repositories yet; `deckle mirror <feed>` makes one'
  const rows = repositories.map((one) => [one.id, contentOf(one), lastSyncOf(one), feedOf(one)])
  return formatTable(['ID', 'CONTENT', 'LAST SYNC', 'FEED'], rows)
}

/** `server` is the address under which publications are reached. */
export function describeRepository(repository: RepositoryDetails, server: string): string {
  const facts: [string, string][] = [
    ['id', repository.id],
    ['name', repository.display_name ?? '-'],
    ['description', repository.description ?? '-'],
    ['feed', feedOf(repository)],
    ['content', contentOf(repository)],
    ['last sync', lastSyncOf(repository)],
    ...repository.distributors.map((one): [string, string] => [
      one.id,
      describeDistributor(one, repository.id, server),
    ]),
  ]
  const width = Math.max(...facts.map(([name]) => name.length))
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

function describeDistributor(distributor: DistributorReport, repositoryId: string, server: string): string {
  const url = publishedUrl(server, repositoryId, distributor) ?? distributor.distributor_type_id
  const when = distributor.auto_publish ? 'after each sync' : 'when asked'
  return `${url}  publishes ${when}, last ${distributor.last_publish ?? 'never'}`
}

function contentOf(repository: RepositoryDetails): string {
  const counts = Object.entries(repository.content_unit_counts).filter(([, count]) => count > 0)
  return counts.map(([type, count]) => `${type} ${count}`).join(', ') || 'empty'
}

function feedOf(repository: RepositoryDetails): string {
  return textOf(repository.importers[0]?.config['feed']) ?? '-'
}

function lastSyncOf(repository: RepositoryDetails): string {
  return repository.importers[0]?.last_sync ?? 'never'
}

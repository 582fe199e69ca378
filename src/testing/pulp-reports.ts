import type { DistributorReport, ImporterReport, RepositoryDetails } from '../clients/pulp-answers.ts'

/** A repository as a server prints it with details: empty, without importer and distributors, with `members` of your own. */
export function repositoryReport(members: Partial<RepositoryDetails> = {}): RepositoryDetails {
  return {
    id: 'zoo',
    display_name: 'zoo',
    description: null,
    notes: {},
    content_unit_counts: {},
    importers: [],
    distributors: [],
    ...members,
  }
}

export function importerReport(type: string, config: Readonly<Record<string, unknown>>): ImporterReport {
  return { id: type, importer_type_id: type, config, last_sync: null }
}

export function distributorReport(type: string, members: Partial<DistributorReport> = {}): DistributorReport {
  return { id: type, distributor_type_id: type, config: {}, auto_publish: true, last_publish: null, ...members }
}

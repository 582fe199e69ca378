import type { Repository, RepositoryDetails } from '../../core/repository.ts'
import type { PulpRepository } from '../../wire/pulp/repository.ts'
import type { Call } from '../kit/call.ts'
import { flagParameter } from '../kit/query-shape.ts'
import { accepted, created, ok, okStream, type QueryParameter, type Route } from '../kit/route.ts'
import { type Activity, activityOf } from './activity.ts'
import { toPulpCallReport } from './call-report.ts'
import { toPulpDistributor } from './distributor.ts'
import { root } from './hrefs.ts'
import { toPulpImporter } from './importer.ts'
import { toPulpRepository } from './repository.ts'
import { fromPulpNewRepository, fromPulpRepositoryUpdate, newRepository, repositoryUpdate } from './repository-input.ts'
import type { PulpServices } from './services.ts'

/** `/repositories/` (pulp2-api §5.2). */
export function repositoryRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}repositories/`
  const single = `${collection}:repository/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      query: attachmentQuery,
      answers: { 200: 'PulpRepository[]' },
      doc: 'Lists all repositories.',
      handler: (call) => listRepositories(services, call),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newRepository,
      answers: { 201: 'PulpRepository' },
      doc: 'Creates a repository, with an importer and distributors if they are given.',
      handler: (call) => createRepository(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      query: attachmentQuery,
      answers: { 200: 'PulpRepository' },
      doc: 'Shows one repository.',
      handler: (call) => showRepository(services, call),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'optional',
      shape: repositoryUpdate,
      answers: { 200: 'PulpCallReport', 202: 'PulpCallReport' },
      doc: 'Changes a repository, its importer config and its distributor configs.',
      handler: (call) => updateRepository(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues the deletion of a repository.',
      handler: async (call) =>
        accepted(toPulpCallReport([await services.operations.deleteRepository(call.param('repository'))])),
    },
  ]
}

export const attachmentQuery: Readonly<Record<string, QueryParameter>> = {
  details: flagParameter(
    'Shows importers and distributors; of a single repository the numbers of all units and of stored ones too.',
  ),
  importers: flagParameter('Shows importers.'),
  distributors: flagParameter('Shows distributors.'),
}

/** Which of the things attached to a repository are printed with it. */
interface Attachments {
  readonly importers: boolean
  readonly distributors: boolean
}

export function attachmentsOf(call: Call): Attachments {
  const details = call.flag('details')
  return { importers: details || call.flag('importers'), distributors: details || call.flag('distributors') }
}

/** The same members in the body of a search. */
export function attachmentsOfBody(body: { readonly [Name in keyof typeof attachmentQuery]?: unknown }): Attachments {
  const details = body['details'] === true
  return { importers: details || body['importers'] === true, distributors: details || body['distributors'] === true }
}

/** Repositories whose attachments are read at once. */
const page = 500

/** Prints these repositories, in their order, with what was asked for. */
export async function* attachTo(
  services: PulpServices,
  attachments: Attachments,
  repositories: readonly Repository[],
): AsyncIterable<PulpRepository> {
  if (!attachments.importers && !attachments.distributors) {
    yield* repositories.values().map(toPulpRepository)
    return
  }
  for (let start = 0; start < repositories.length; start += page) {
    const ids = repositories.slice(start, start + page).map(({ id }) => id)
    const details = await services.repositories.details(ids)
    const activity = await activityOf(services, ids)
    const byId = new Map(details.map((entry) => [entry.repository.id, entry]))
    for (const entry of ids.flatMap((id) => byId.get(id) ?? [])) {
      yield toPulpRepositoryWith(entry, attachments, services, activity)
    }
  }
}

function toPulpRepositoryWith(
  entry: RepositoryDetails,
  attachments: Attachments,
  services: Pick<PulpServices, 'plugins'>,
  activity: Activity,
): PulpRepository {
  const importers = entry.importers.map((importer) => toPulpImporter(importer, services.plugins, activity))
  const distributors = entry.distributors.map((one) => toPulpDistributor(one, services.plugins, activity))
  return {
    ...toPulpRepository(entry.repository),
    ...(attachments.importers && { importers }),
    ...(attachments.distributors && { distributors }),
  }
}

async function listRepositories(services: PulpServices, call: Call) {
  return okStream(attachTo(services, attachmentsOf(call), await services.repositories.list()))
}

async function createRepository(services: PulpServices, call: Call) {
  const printed = toPulpRepository(await services.operations.createRepository(fromPulpNewRepository(call.body)))
  return created(printed, printed._href)
}

async function showRepository(services: PulpServices, call: Call) {
  const id = call.param('repository')
  const repository = await services.repositories.get(id)
  const [printed = toPulpRepository(repository)] = await Array.fromAsync(
    attachTo(services, attachmentsOf(call), [repository]),
  )
  if (!call.flag('details')) return ok(printed)
  const total = Object.values(repository.counts).reduce((sum, count) => sum + count, 0)
  const local = await services.repositories.countLocallyStored(id)
  return ok({ ...printed, total_repository_units: total, locally_stored_units: local })
}

async function updateRepository(services: PulpServices, call: Call) {
  const change = fromPulpRepositoryUpdate(call.body)
  const { repository, spawned } = await services.operations.updateRepository(call.param('repository'), change)
  const report = toPulpCallReport(spawned, toPulpRepository(repository))
  return spawned.length > 0 ? accepted(report) : ok(report)
}

import type { ApplicabilityReport } from '../../../core/applicability.ts'
import { DeckleError } from '../../../core/errors.ts'
import {
  requestForConsumer,
  requestForConsumers,
  requestForRepositories,
  requestInParallel,
} from '../../../operations/applicability/request-applicability.ts'
import type { PulpApplicability } from '../../../wire/pulp/applicability.ts'
import { flag, listOf, text } from '../../kit/body-fields.ts'
import { bodyShape, nested, optional, required } from '../../kit/body-shape.ts'
import type { Call } from '../../kit/call.ts'
import { type Answer, accepted, okStream, type Route } from '../../kit/route.ts'
import { toPulpCallReport, toPulpGroupCallReport } from '../call-report.ts'
import { fromPulpCriteria } from '../criteria.ts'
import { criteriaShape, type WrittenCriteria } from '../criteria-shape.ts'
import { root } from '../hrefs.ts'
import { searchableRepositories } from '../searches.ts'
import type { PulpServices } from '../services.ts'
import { consumerCriteria } from './searchable.ts'

const chosenRepositories = bodyShape({
  repo_criteria: required(nested(criteriaShape(searchableRepositories)), { doc: 'Which repositories.' }),
  parallel: optional(flag, { doc: 'A group of tasks that run side by side, in the place of one task.' }),
})

const chosenConsumers = bodyShape({
  consumer_criteria: required(nested(criteriaShape(consumerCriteria)), { doc: 'Which consumers.' }),
})

const query = bodyShape({
  criteria: required(nested(criteriaShape(consumerCriteria)), { doc: 'Which consumers.' }),
  content_types: optional(listOf(text), { doc: 'Units of these types only.' }),
})

/** What of the repositories that consumers are bound to applies to them (pulp2-api §7, §15). */
export function applicabilityRoutes(services: PulpServices): readonly Route[] {
  const regeneration = { method: 'POST', permission: 'create', answers: { 202: 'PulpCallReport' } } as const
  return [
    {
      ...regeneration,
      path: `${root}repositories/actions/content/regenerate_applicability/`,
      body: 'object',
      shape: chosenRepositories,
      answers: { 202: 'PulpRegeneration' },
      doc: 'Makes anew what of repositories applies to the consumers that are bound to them.',
      handler: (call) => regenerateForRepositories(services, call),
    },
    {
      ...regeneration,
      path: `${root}consumers/actions/content/regenerate_applicability/`,
      body: 'object',
      shape: chosenConsumers,
      doc: 'Makes anew what applies to consumers, of all repositories that they are bound to.',
      handler: (call) => regenerateForConsumers(services, call),
    },
    {
      ...regeneration,
      path: `${root}consumers/:consumer/actions/content/regenerate_applicability/`,
      body: 'none',
      doc: 'Makes anew what applies to a consumer, of all repositories that it is bound to.',
      handler: async (call) => {
        const { id } = await services.consumers.consumers.get(call.param('consumer'))
        return accepted(toPulpCallReport(await requestForConsumer(services, id)))
      },
    },
    {
      method: 'POST',
      path: `${root}consumers/content/applicability/`,
      permission: 'read',
      body: 'object',
      shape: query,
      answers: { 200: 'PulpApplicability[]', 400: 'PulpRefusedQuery' },
      doc: 'Tells what applies to consumers, as it was last made; consumers that have all of it in common are told of together.',
      handler: (call) => tellApplicability(services, call),
    },
  ]
}

async function regenerateForRepositories(services: PulpServices, call: Call) {
  const { parallel = false, repo_criteria: written } = chosenRepositories.read(call.body)
  const { criteria } = fromPulpCriteria(written, searchableRepositories)
  const ids = (await services.searches.repositories(criteria)).map(({ id }) => id)
  if (parallel) return accepted(toPulpGroupCallReport(await requestInParallel(services.consumers, ids)))
  return accepted(toPulpCallReport(await requestForRepositories(services, ids)))
}

async function regenerateForConsumers(services: PulpServices, call: Call) {
  const ids = await findConsumers(services, chosenConsumers.read(call.body).consumer_criteria)
  return accepted(toPulpCallReport(await requestForConsumers(services, ids)))
}

async function tellApplicability(services: PulpServices, call: Call): Promise<Answer> {
  try {
    const { content_types: types, criteria } = query.read(call.body)
    const ids = await findConsumers(services, criteria)
    return okStream(print(services.consumers.applicability.reports(ids, types)))
  } catch (error) {
    if (!(error instanceof DeckleError) || error.kind !== 'invalid') throw error
    return { status: 400, json: error.message }
  }
}

async function findConsumers({ consumers }: PulpServices, written: WrittenCriteria) {
  const { criteria } = fromPulpCriteria(written, consumerCriteria)
  return (await consumers.searches.consumers(criteria)).map(({ id }) => id)
}

async function* print(reports: AsyncIterable<ApplicabilityReport>): AsyncIterable<PulpApplicability> {
  for await (const { consumerIds, units } of reports) {
    yield { consumers: [...consumerIds], applicability: copyOf(units) }
  }
}

function copyOf(units: ApplicabilityReport['units']): PulpApplicability['applicability'] {
  return Object.fromEntries(Object.entries(units).map(([type, ids]) => [type, [...ids]]))
}

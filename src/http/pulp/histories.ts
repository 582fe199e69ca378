import { invalid } from '../../core/errors.ts'
import type { HistoryFilter } from '../../core/history.ts'
import type { Call } from '../kit/call.ts'
import { okStream, type Route } from '../kit/route.ts'
import { fromPulpDate } from './dates.ts'
import { toPulpPublishEntry, toPulpSyncEntry } from './history.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

/** `/repositories/<id>/history/` (pulp2-api §8.3). */
export function historyRoutes(services: PulpServices): readonly Route[] {
  const history = `${root}repositories/:repository/history/`
  return [
    {
      method: 'GET',
      path: `${history}sync/`,
      permission: 'read',
      body: 'none',
      doc: 'Lists what the syncs of a repository came to, latest first.',
      handler: (call) => listSyncs(services, call),
    },
    {
      method: 'GET',
      path: `${history}publish/:distributor/`,
      permission: 'read',
      body: 'none',
      doc: 'Lists what the publishes of a distributor came to, latest first.',
      handler: (call) => listPublishes(services, call),
    },
  ]
}

async function listSyncs(services: PulpServices, call: Call) {
  const { id } = await services.repositories.get(call.param('repository'))
  const entries = await services.histories.syncs(id, fromPulpHistoryQuery(call.query))
  return okStream(entries.values().map(toPulpSyncEntry))
}

async function listPublishes(services: PulpServices, call: Call) {
  const repository = await services.repositories.get(call.param('repository'))
  const { id } = await services.repositories.distributor(repository.id, call.param('distributor'))
  const entries = await services.histories.publishes(repository.id, id, fromPulpHistoryQuery(call.query))
  return okStream(entries.values().map(toPulpPublishEntry))
}

/** Throws kind `invalid` that names every parameter at fault. */
function fromPulpHistoryQuery(query: URLSearchParams): HistoryFilter {
  const limit = query.get('limit')
  const sort = query.get('sort') ?? 'descending'
  const [start, end] = [query.get('start_date'), query.get('end_date')]
  const [from, to] = [fromPulpDate(start ?? ''), fromPulpDate(end ?? '')]
  const checks = {
    limit: limit === null || (/^\d{1,9}$/.test(limit) && Number(limit) >= 1),
    sort: sort === 'ascending' || sort === 'descending',
    start_date: start === null || from !== undefined,
    end_date: end === null || to !== undefined,
  }
  const wrong = Object.entries(checks).flatMap(([name, right]) => (right ? [] : [name]))
  if (wrong.length > 0) throw invalid(`Invalid properties: ${wrong.join(', ')}`, wrong)
  return {
    sort: sort === 'ascending' ? sort : 'descending',
    ...(limit !== null && { limit: Number(limit) }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
}

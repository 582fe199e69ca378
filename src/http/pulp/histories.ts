import type { HistoryFilter } from '../../core/history.ts'
import type { Call } from '../kit/call.ts'
import { queryShape } from '../kit/query-shape.ts'
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
      query: historyQuery.parameters,
      answers: { 200: 'PulpSyncHistoryEntry[]' },
      doc: 'Lists what the syncs of a repository came to, latest first.',
      handler: (call) => listSyncs(services, call),
    },
    {
      method: 'GET',
      path: `${history}publish/:distributor/`,
      permission: 'read',
      body: 'none',
      query: historyQuery.parameters,
      answers: { 200: 'PulpPublishHistoryEntry[]' },
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

type Sort = HistoryFilter['sort']

const date = { type: 'string', format: 'date-time' }

export const limitParameter = {
  doc: 'How many entries at most.',
  schema: { type: 'integer', minimum: 1, maximum: 999_999_999 },
  read: (text: string) => (/^0*[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
}

export const sortParameter = {
  doc: 'By the time of the start; descending when it is absent.',
  schema: { enum: ['ascending', 'descending'] },
  read: (text: string): Sort | undefined => (text === 'ascending' || text === 'descending' ? text : undefined),
}

const historyQuery = queryShape<{ limit: number; sort: Sort; start_date: Date; end_date: Date }>({
  limit: limitParameter,
  sort: sortParameter,
  start_date: {
    doc: 'Entries that started at this time or later; UTC without a zone.',
    schema: date,
    read: fromPulpDate,
  },
  end_date: {
    doc: 'Entries that started at this time or earlier; UTC without a zone.',
    schema: date,
    read: fromPulpDate,
  },
})

function fromPulpHistoryQuery(query: URLSearchParams): HistoryFilter {
  const { sort = 'descending', limit, start_date: from, end_date: to } = historyQuery.read(query)
  return {
    sort,
    ...(limit !== undefined && { limit }),
    ...(from !== undefined && { from: new Date(secondOf(from)) }),
    ...(to !== undefined && { to: new Date(secondOf(to) + 999) }),
  }
}

/** Entries are compared as they are printed, so the whole second of a date is meant. */
function secondOf(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000
}

import { type ConsumerEventFilter, type ConsumerEventType, consumerEventTypes } from '../../../core/consumer.ts'
import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import type { Call } from '../../kit/call.ts'
import { queryShape } from '../../kit/query-shape.ts'
import { okStream, type Route } from '../../kit/route.ts'
import { fromPulpDate } from '../dates.ts'
import { limitParameter, sortParameter } from '../histories.ts'
import { root } from '../hrefs.ts'
import { toPulpConsumerEvent } from './consumer.ts'

/** `/consumers/<id>/history/` (pulp2-api §15). */
export function consumerHistoryRoutes(services: ConsumerServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: `${root}consumers/:consumer/history/`,
      permission: 'read',
      body: 'none',
      query: historyQuery.parameters,
      answers: { 200: 'PulpConsumerEvent[]' },
      doc: 'Lists what happened to a consumer, latest first.',
      handler: (call) => listEvents(services, call),
    },
  ]
}

async function listEvents(services: ConsumerServices, call: Call) {
  const { id } = await services.consumers.get(call.param('consumer'))
  const events = await services.consumerEvents.of(id, fromPulpQuery(call.query))
  return okStream(events.values().map(toPulpConsumerEvent))
}

/** A date without a time, unlike in the histories of repositories; midnight UTC. */
const day = {
  schema: { type: 'string', format: 'date' },
  read: (text: string) => (/^\d{4}-\d\d-\d\d$/.test(text) ? fromPulpDate(`${text}T00:00:00Z`) : undefined),
}

const historyQuery = queryShape<{
  event_type: ConsumerEventType
  limit: number
  sort: ConsumerEventFilter['sort']
  start_date: Date
  end_date: Date
}>({
  event_type: {
    doc: 'Events of this type only.',
    schema: { enum: [...consumerEventTypes] },
    read: (text) => consumerEventTypes.find((type) => type === text),
  },
  limit: limitParameter,
  sort: sortParameter,
  start_date: { ...day, doc: 'Events of this day or later, UTC.' },
  end_date: { ...day, doc: 'Events of this day or earlier, UTC.' },
})

const dayMs = 24 * 3600 * 1000

function fromPulpQuery(query: URLSearchParams): ConsumerEventFilter {
  const { event_type: type, limit, sort = 'descending', start_date: from, end_date: last } = historyQuery.read(query)
  return {
    sort,
    ...(type !== undefined && { type }),
    ...(limit !== undefined && { limit }),
    ...(from !== undefined && { from }),
    ...(last !== undefined && { before: new Date(last.getTime() + dayMs) }),
  }
}

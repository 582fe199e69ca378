import { type ContentAction, contentActions, type NamedUnit } from '../../../core/consumer.ts'
import { notFound } from '../../../core/errors.ts'
import { requestContentAction } from '../../../operations/consumers/act-on-content.ts'
import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import { type Field, listOf, object, text } from '../../kit/body-fields.ts'
import { bodyShape, nested, required } from '../../kit/body-shape.ts'
import type { Call } from '../../kit/call.ts'
import { type Answer, accepted, type Route } from '../../kit/route.ts'
import { toPulpCallReport } from '../call-report.ts'
import { root } from '../hrefs.ts'

const unit = bodyShape({
  type_id: required(text, { absence: 'invalid', doc: 'The agent finds its handler by it.' }),
  unit_key: required(object, { absence: 'invalid', doc: 'For the handler: which units are meant.' }),
})

/** Also of what is scheduled. */
export const namedUnits: Field<readonly NamedUnit[]> = {
  schema: listOf(nested(unit)).schema,
  read: (value) =>
    listOf(nested(unit))
      .read(value)
      ?.map(({ type_id, unit_key }) => ({ type: type_id, key: unit_key })),
}

/** What the agents of one consumer, or of all of a group, are to do. */
export const contentOrder = bodyShape({
  units: required(namedUnits),
  options: required(object, { doc: 'For the handler of the units.' }),
})

/** `/consumers/<id>/actions/content/<action>/` (pulp2-api §15). */
export function contentActionRoutes(services: ConsumerServices): readonly Route[] {
  return [
    {
      method: 'POST',
      path: `${root}consumers/:consumer/actions/content/:action/`,
      permission: 'create',
      body: 'object',
      shape: contentOrder,
      answers: { 202: 'PulpCallReport', 400: 'PulpBadRequest' },
      doc: 'Has the agent of a consumer install, update or uninstall units; the task is for the agent.',
      handler: (call) => postAction(services, call),
    },
  ]
}

async function postAction(services: ConsumerServices, call: Call) {
  const action = actionOf(call)
  if (action === undefined) return badRequest
  const id = call.param('consumer')
  if ((await services.consumers.find(id)) === undefined) throw notFound({ consumer_id: id })
  const tasks = await requestContentAction(services, [id], action, contentOrder.read(call.body))
  return accepted(toPulpCallReport(tasks))
}

export function actionOf(call: Call): ContentAction | undefined {
  return contentActions.find((action) => action === call.param('action'))
}

/** What real servers answer to an action that they do not know (pulp2-api §2.4), as JSON. */
export const badRequest: Answer = { status: 400, json: 'bad request' }

import type { BindingChange } from '../../../core/consumer.ts'
import { requestContentAction } from '../../../operations/consumers/act-on-content.ts'
import { bindConsumers, unbindConsumers } from '../../../operations/consumers/bind-consumers.ts'
import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import type { Call } from '../../kit/call.ts'
import { accepted, type Route } from '../../kit/route.ts'
import { toPulpCallReport } from '../call-report.ts'
import { root } from '../hrefs.ts'
import { fromPulpNewBinding, newBinding, unbinding } from './bindings.ts'
import { actionOf, badRequest, contentOrder } from './content-actions.ts'
import { loginOf } from './groups.ts'

const single = `${root}consumer_groups/:group/`

/** What is done to all consumers of a group: a task for the agent of each (pulp2-api §15). */
export function groupActionRoutes(services: ConsumerServices): readonly Route[] {
  return [
    {
      method: 'POST',
      path: `${single}bindings/`,
      permission: 'create',
      body: 'object',
      shape: newBinding,
      answers: { 202: 'PulpCallReport' },
      doc: 'Binds all consumers of a group to a distributor of a repository.',
      handler: (call) => bindGroup(services, call),
    },
    {
      method: 'DELETE',
      path: `${single}bindings/:repository/:distributor/`,
      permission: 'delete',
      body: 'optional',
      shape: unbinding,
      answers: { 202: 'PulpCallReport' },
      doc: 'Unbinds all consumers of a group from a distributor of a repository.',
      handler: (call) => unbindGroup(services, call),
    },
    {
      method: 'POST',
      path: `${single}actions/content/:action/`,
      permission: 'create',
      body: 'object',
      shape: contentOrder,
      answers: { 202: 'PulpCallReport', 400: 'PulpBadRequest' },
      doc: 'Has the agents of all consumers of a group install, update or uninstall units.',
      handler: (call) => actOnGroup(services, call),
    },
  ]
}

async function bindGroup(services: ConsumerServices, call: Call) {
  const { consumerIds } = await services.consumerGroups.get(call.param('group'))
  const wanted = fromPulpNewBinding(newBinding.read(call.body))
  return report(await bindConsumers(services, consumerIds, wanted, loginOf(call)))
}

async function unbindGroup(services: ConsumerServices, call: Call) {
  const { consumerIds } = await services.consumerGroups.get(call.param('group'))
  const { force = false, options = {} } = unbinding.read(call.body)
  const { id: distributorId, repositoryId } = await services.repositories.distributor(
    call.param('repository'),
    call.param('distributor'),
  )
  const distributor = { repositoryId, distributorId }
  return report(await unbindConsumers(services, consumerIds, distributor, { force, options }, loginOf(call)))
}

async function actOnGroup(services: ConsumerServices, call: Call) {
  const action = actionOf(call)
  if (action === undefined) return badRequest
  const { consumerIds } = await services.consumerGroups.get(call.param('group'))
  const tasks = await requestContentAction(services, consumerIds, action, contentOrder.read(call.body))
  return accepted(toPulpCallReport(tasks, {}))
}

function report(changes: readonly BindingChange[]) {
  return accepted(toPulpCallReport(changes.flatMap(({ tasks }) => tasks)))
}

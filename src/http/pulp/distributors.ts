import type { Call } from '../kit/call.ts'
import { accepted, created, ok, type Route } from '../kit/route.ts'
import { toActivity } from './activity.ts'
import { optionalBoolean, optionalObject, optionalText, requiredText, typedObject } from './body-fields.ts'
import { toPulpCallReport } from './call-report.ts'
import { toPulpDistributor } from './distributor.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

/** `/repositories/<id>/distributors/` (pulp2-api §6.2). */
export function distributorRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}repositories/:repository/distributors/`
  const single = `${collection}:distributor/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      doc: 'Lists the distributors of a repository.',
      handler: (call) => listDistributors(services, call),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      doc: 'Adds a distributor to a repository at once; one with the same id is replaced.',
      handler: (call) => addDistributor(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      doc: 'Shows a distributor of a repository.',
      handler: (call) => showDistributor(services, call),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      doc: 'Queues a change of a distributor: its config, or whether it publishes after a sync.',
      handler: (call) => updateDistributor(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      doc: 'Queues the removal of a distributor; what it published is not served any more.',
      handler: (call) => removeDistributor(services, call),
    },
  ]
}

async function listDistributors(services: PulpServices, call: Call) {
  const repository = await services.repositories.get(call.param('repository'))
  const distributors = await services.repositories.distributors(repository.id)
  const activity = toActivity(await services.runningTasks())
  return ok(distributors.map((distributor) => toPulpDistributor(distributor, services.plugins, activity)))
}

async function showDistributor(services: PulpServices, call: Call) {
  const distributor = await services.repositories.distributor(call.param('repository'), call.param('distributor'))
  return ok(toPulpDistributor(distributor, services.plugins, toActivity(await services.runningTasks())))
}

async function addDistributor(services: PulpServices, call: Call) {
  const type = requiredText(call.body, 'distributor_type_id')
  const id = optionalText(call.body, 'distributor_id')
  const distributor = await services.operations.addDistributor(call.param('repository'), {
    ...(id !== undefined && { id }),
    type,
    config: optionalObject(call.body, 'distributor_config') ?? {},
    autoPublish: optionalBoolean(call.body, 'auto_publish') ?? false,
  })
  const printed = toPulpDistributor(distributor, services.plugins)
  return created(printed, printed._href)
}

/** `auto_publish` of any type is passed on: it is the task that fails (pulp2-api §6.2). */
async function updateDistributor(services: PulpServices, call: Call) {
  const config = optionalObject(call.body, 'distributor_config') ?? {}
  const autoPublish = typedObject(call.body, 'delta')?.['auto_publish']
  const change = { config, ...(autoPublish !== undefined && { autoPublish }) }
  const [repository, distributor] = [call.param('repository'), call.param('distributor')]
  return accepted(toPulpCallReport([await services.operations.updateDistributor(repository, distributor, change)]))
}

async function removeDistributor(services: PulpServices, call: Call) {
  const [repository, distributor] = [call.param('repository'), call.param('distributor')]
  return accepted(toPulpCallReport([await services.operations.removeDistributor(repository, distributor)]))
}

import { anything, nullable, object } from '../kit/body-fields.ts'
import { bodyShape, nested, optional } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { accepted, created, ok, type Route } from '../kit/route.ts'
import { activityOf } from './activity.ts'
import { toPulpCallReport } from './call-report.ts'
import { toPulpDistributor } from './distributor.ts'
import { root } from './hrefs.ts'
import { fromPulpNewDistributor, newDistributor } from './repository-input.ts'
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
      answers: { 200: 'PulpDistributor[]' },
      doc: 'Lists the distributors of a repository.',
      handler: (call) => listDistributors(services, call),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newDistributor,
      answers: { 201: 'PulpDistributor' },
      doc: 'Adds a distributor to a repository at once; one with the same id is replaced.',
      handler: (call) => addDistributor(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpDistributor' },
      doc: 'Shows a distributor of a repository.',
      handler: (call) => showDistributor(services, call),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: distributorChange,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues a change of a distributor: its config, or whether it publishes after a sync.',
      handler: (call) => updateDistributor(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues the removal of a distributor; what it published is not served any more.',
      handler: (call) => removeDistributor(services, call),
    },
  ]
}

async function listDistributors(services: PulpServices, call: Call) {
  const repository = await services.repositories.get(call.param('repository'))
  const distributors = await services.repositories.distributors(repository.id)
  const activity = await activityOf(services, [repository.id])
  return ok(distributors.map((distributor) => toPulpDistributor(distributor, services.plugins, activity)))
}

async function showDistributor(services: PulpServices, call: Call) {
  const distributor = await services.repositories.distributor(call.param('repository'), call.param('distributor'))
  const activity = await activityOf(services, [distributor.repositoryId])
  return ok(toPulpDistributor(distributor, services.plugins, activity))
}

async function addDistributor(services: PulpServices, call: Call) {
  const wanted = fromPulpNewDistributor(newDistributor.read(call.body))
  const distributor = await services.operations.addDistributor(call.param('repository'), wanted)
  const printed = toPulpDistributor(distributor, services.plugins)
  return created(printed, printed._href)
}

/** `auto_publish` of any type is passed on: it is the task that fails (pulp2-api §6.2). */
const distributorChange = bodyShape({
  distributor_config: optional(object, { doc: 'Merged into the config that is there: null removes a key.' }),
  delta: optional(
    nested(
      bodyShape({ auto_publish: optional(nullable(anything), { doc: 'True or false; the task fails on others.' }) }),
    ),
    { typeName: 'dict' },
  ),
})

async function updateDistributor(services: PulpServices, call: Call) {
  const { distributor_config: config = {}, delta } = distributorChange.read(call.body)
  const autoPublish = delta?.auto_publish
  const change = { config, ...(autoPublish !== undefined && { autoPublish }) }
  const [repository, distributor] = [call.param('repository'), call.param('distributor')]
  return accepted(toPulpCallReport([await services.operations.updateDistributor(repository, distributor, change)]))
}

async function removeDistributor(services: PulpServices, call: Call) {
  const [repository, distributor] = [call.param('repository'), call.param('distributor')]
  return accepted(toPulpCallReport([await services.operations.removeDistributor(repository, distributor)]))
}

import { addGroupDistributor, updateGroupDistributor } from '../../operations/repository-groups/group-distributors.ts'
import { object, text } from '../kit/body-fields.ts'
import { bodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { accepted, created, ok, type Route } from '../kit/route.ts'
import { toPulpCallReport } from './call-report.ts'
import { root } from './hrefs.ts'
import { toPulpGroupDistributor } from './repository-group.ts'
import {
  fromPulpGroupDistributor,
  groupDistributorChange,
  groupDistributorRemoval,
  newGroupDistributor,
} from './repository-group-input.ts'
import type { PulpServices } from './services.ts'

const group = `${root}repo_groups/:group/`
const collection = `${group}distributors/`
const single = `${collection}:distributor/`

const publishOptions = bodyShape({
  id: required(text, { doc: 'The distributor.' }),
  override_config: optional(object, { doc: 'Takes the place of these keys of the config, for this run.' }),
})

/** `/repo_groups/<id>/distributors/` and the publish by one of them (pulp2-api §10). */
export function groupDistributorRoutes(services: PulpServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpGroupDistributor[]' },
      doc: 'Lists the distributors of a group.',
      handler: (call) => listDistributors(services, call),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newGroupDistributor,
      answers: { 201: 'PulpGroupDistributor' },
      doc: 'Adds a distributor to a group at once; one with the same id is replaced.',
      handler: (call) => addDistributor(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpGroupDistributor' },
      doc: 'Shows a distributor of a group.',
      handler: (call) => showDistributor(services, call),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: groupDistributorChange,
      answers: { 200: 'PulpGroupDistributor' },
      doc: 'Changes the config of a distributor of a group at once.',
      handler: (call) => changeDistributor(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'optional',
      shape: groupDistributorRemoval,
      answers: { 200: null },
      doc: 'Removes a distributor of a group at once; what it has written stays.',
      handler: (call) => removeDistributor(services, call),
    },
    {
      method: 'POST',
      path: `${group}actions/publish/`,
      permission: 'execute',
      body: 'object',
      shape: publishOptions,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues a publish of the repositories of a group by one of its distributors.',
      handler: (call) => publish(services, call),
    },
  ]
}

async function listDistributors(services: PulpServices, call: Call) {
  const distributors = await services.repositoryGroups.distributors(call.param('group'))
  return ok(distributors.map((distributor) => toPulpGroupDistributor(distributor, services.plugins)))
}

async function showDistributor(services: PulpServices, call: Call) {
  const distributor = await services.repositoryGroups.distributor(call.param('group'), call.param('distributor'))
  return ok(toPulpGroupDistributor(distributor, services.plugins))
}

async function addDistributor(services: PulpServices, call: Call) {
  const wanted = fromPulpGroupDistributor(newGroupDistributor.read(call.body))
  const distributor = await addGroupDistributor(services, call.param('group'), wanted)
  const printed = toPulpGroupDistributor(distributor, services.plugins)
  return created(printed, printed._href)
}

async function changeDistributor(services: PulpServices, call: Call) {
  const { distributor_config: change } = groupDistributorChange.read(call.body)
  const [id, distributor] = [call.param('group'), call.param('distributor')]
  return ok(toPulpGroupDistributor(await updateGroupDistributor(services, id, distributor, change), services.plugins))
}

async function removeDistributor(services: PulpServices, call: Call) {
  groupDistributorRemoval.read(call.body)
  await services.repositoryGroups.removeDistributor(call.param('group'), call.param('distributor'))
  return ok(null)
}

async function publish(services: PulpServices, call: Call) {
  const { id, override_config: override = {} } = publishOptions.read(call.body)
  return accepted(
    toPulpCallReport([await services.operations.publishRepositoryGroup(call.param('group'), id, override)]),
  )
}

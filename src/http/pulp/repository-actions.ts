import { DeckleError } from '../../core/errors.ts'
import { authorize } from '../../operations/authorize.ts'
import { flag, object, text } from '../kit/body-fields.ts'
import { bodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { accepted, type Route } from '../kit/route.ts'
import { readActionCriteria, someCriteria } from './action-criteria.ts'
import { toPulpCallReport } from './call-report.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

const actions = `${root}repositories/:repository/actions/`

/** `/repositories/<id>/actions/` (pulp2-api §7). */
export function repositoryActionRoutes(services: PulpServices): readonly Route[] {
  return [
    {
      method: 'POST',
      path: `${actions}sync/`,
      permission: 'execute',
      body: 'optional',
      shape: syncOptions,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues a sync of a repository with its importer.',
      handler: (call) => sync(services, call),
    },
    {
      method: 'POST',
      path: `${actions}publish/`,
      permission: 'execute',
      body: 'object',
      shape: publishOptions,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues a publish of a repository by one of its distributors.',
      handler: (call) => publish(services, call),
    },
    {
      method: 'POST',
      path: `${actions}download/`,
      permission: 'execute',
      body: 'optional',
      shape: downloadOptions,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues a download of the files that a repository knows and has not stored.',
      handler: (call) => download(services, call),
    },
    ...unitActions(services),
  ]
}

function unitActions(services: PulpServices): readonly Route[] {
  const shared = { method: 'POST', permission: 'update', answers: { 202: 'PulpCallReport' } } as const
  return [
    {
      ...shared,
      path: `${actions}associate/`,
      body: 'object',
      shape: copyOptions,
      doc: 'Queues a copy of units from another repository, by what the criteria find there when it runs.',
      handler: (call) => copy(services, call),
    },
    {
      ...shared,
      path: `${actions}unassociate/`,
      body: 'optional',
      shape: removeOptions,
      doc: 'Queues that units are taken out of a repository; they stay as orphans.',
      handler: (call) => remove(services, call),
    },
  ]
}

const override_config = optional(object, { doc: 'Takes the place of these keys of the config, for this run.' })
const syncOptions = bodyShape({ override_config })
const publishOptions = bodyShape({ id: required(text, { doc: 'The distributor.' }), override_config })
const downloadOptions = bodyShape({
  verify_all_units: optional(flag, {
    typeName: 'boolean',
    doc: 'Reads what is stored, too, and fetches damaged files again.',
  }),
})

const criteria = optional(someCriteria, { doc: 'Which units; all when absent.' })
const removeOptions = bodyShape({ criteria })
const copyOptions = bodyShape({
  source_repo_id: required(text, { doc: 'The repository to copy from.' }),
  criteria,
  override_config,
})

async function sync(services: PulpServices, call: Call) {
  const { override_config: override = {} } = syncOptions.read(call.body)
  return accepted(toPulpCallReport([await services.operations.syncRepository(call.param('repository'), override)]))
}

async function download(services: PulpServices, call: Call) {
  const { verify_all_units: verifyAll = false } = downloadOptions.read(call.body)
  return accepted(toPulpCallReport([await services.operations.downloadRepository(call.param('repository'), verifyAll)]))
}

async function publish(services: PulpServices, call: Call) {
  const { id: distributor, override_config: override = {} } = publishOptions.read(call.body)
  const task = await services.operations.publishRepository(call.param('repository'), distributor, override)
  return accepted(toPulpCallReport([task]))
}

async function copy(services: PulpServices, call: Call) {
  const { source_repo_id: sourceId, criteria = {}, override_config: override = {} } = copyOptions.read(call.body)
  const order = { sourceId, criteria: readActionCriteria(criteria), override }
  const permit = (id: string) => requireUpdate(services, call, id)
  return accepted(toPulpCallReport([await services.operations.copyUnits(call.param('repository'), order, permit)]))
}

/** The route asks for the repository in its path; a copy may fill others. */
async function requireUpdate({ grants }: PulpServices, { user }: Call, repositoryId: string): Promise<void> {
  const resource = `/v2/repositories/${repositoryId}/`
  if (user === undefined) throw new DeckleError('forbidden', `a consumer may not UPDATE ${resource}`)
  await authorize(grants, user, ['update'], resource)
}

async function remove(services: PulpServices, call: Call) {
  const { criteria = {} } = removeOptions.read(call.body)
  const task = await services.operations.removeUnits(call.param('repository'), readActionCriteria(criteria))
  return accepted(toPulpCallReport([task]))
}

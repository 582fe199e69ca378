import type { Call } from '../kit/call.ts'
import { accepted, type Route } from '../kit/route.ts'
import { optionalObject, requiredText, typedBoolean } from './body-fields.ts'
import { toPulpCallReport } from './call-report.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

/** `/repositories/<id>/actions/` (pulp2-api §7). */
export function repositoryActionRoutes(services: PulpServices): readonly Route[] {
  const actions = `${root}repositories/:repository/actions/`
  return [
    {
      method: 'POST',
      path: `${actions}sync/`,
      permission: 'execute',
      body: 'optional',
      doc: 'Queues a sync of a repository with its importer.',
      handler: (call) => sync(services, call),
    },
    {
      method: 'POST',
      path: `${actions}publish/`,
      permission: 'execute',
      body: 'object',
      doc: 'Queues a publish of a repository by one of its distributors.',
      handler: (call) => publish(services, call),
    },
    {
      method: 'POST',
      path: `${actions}download/`,
      permission: 'execute',
      body: 'optional',
      doc: 'Queues a download of the files that a repository knows and has not stored.',
      handler: (call) => download(services, call),
    },
  ]
}

async function sync(services: PulpServices, call: Call) {
  const override = optionalObject(call.body, 'override_config') ?? {}
  return accepted(toPulpCallReport([await services.operations.syncRepository(call.param('repository'), override)]))
}

async function download(services: PulpServices, call: Call) {
  const verifyAll = typedBoolean(call.body, 'verify_all_units') ?? false
  return accepted(toPulpCallReport([await services.operations.downloadRepository(call.param('repository'), verifyAll)]))
}

async function publish(services: PulpServices, call: Call) {
  const distributor = requiredText(call.body, 'id')
  const override = optionalObject(call.body, 'override_config') ?? {}
  const task = await services.operations.publishRepository(call.param('repository'), distributor, override)
  return accepted(toPulpCallReport([task]))
}

import { notFound } from '../../core/errors.ts'
import { object, text } from '../kit/body-fields.ts'
import { bodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { accepted, ok, type Route } from '../kit/route.ts'
import { activityOf } from './activity.ts'
import { toPulpCallReport } from './call-report.ts'
import { root } from './hrefs.ts'
import { toPulpImporter } from './importer.ts'
import type { PulpServices } from './services.ts'

/** `/repositories/<id>/importers/` (pulp2-api §6.2). */
export function importerRoutes(services: PulpServices): readonly Route[] {
  const collection = `${root}repositories/:repository/importers/`
  const single = `${collection}:importer/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpImporter[]' },
      doc: 'Lists the importer of a repository, if it has one.',
      handler: async (call) => ok(await printImporters(services, call)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: wantedImporter,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues that a repository gets an importer, in the place of the one it has.',
      handler: (call) => setImporter(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpImporter' },
      doc: 'Shows the importer of a repository.',
      handler: (call) => showImporter(services, call),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: importerChange,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues a change of the config of an importer.',
      handler: (call) => updateImporter(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues the removal of an importer.',
      handler: (call) => removeImporter(services, call),
    },
  ]
}

const wantedImporter = bodyShape({ importer_type_id: required(text), importer_config: optional(object) })

const importerChange = bodyShape({
  importer_config: required(object, { doc: 'Merged into the config that is there: null removes a key.' }),
})

async function printImporters(services: PulpServices, call: Call) {
  const repository = await services.repositories.get(call.param('repository'))
  const importer = await services.repositories.importer(repository.id)
  if (importer === undefined) return []
  return [toPulpImporter(importer, services.plugins, await activityOf(services, [repository.id]))]
}

async function showImporter(services: PulpServices, call: Call) {
  const [importer] = await printImporters(services, call)
  const id = call.param('importer')
  if (importer?.id !== id) throw notFound({ importer_id: id })
  return ok(importer)
}

async function setImporter(services: PulpServices, call: Call) {
  const { importer_type_id: type, importer_config: config = {} } = wantedImporter.read(call.body)
  return accepted(toPulpCallReport([await services.operations.setImporter(call.param('repository'), type, config)]))
}

async function updateImporter(services: PulpServices, call: Call) {
  const { importer_config: config } = importerChange.read(call.body)
  const [repository, importer] = [call.param('repository'), call.param('importer')]
  return accepted(toPulpCallReport([await services.operations.updateImporter(repository, importer, config)]))
}

async function removeImporter(services: PulpServices, call: Call) {
  const [repository, importer] = [call.param('repository'), call.param('importer')]
  return accepted(toPulpCallReport([await services.operations.removeImporter(repository, importer)]))
}

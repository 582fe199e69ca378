import { invalid } from '../../core/errors.ts'
import type { PulpUpload, PulpUploads } from '../../wire/pulp/upload.ts'
import { object, text } from '../kit/body-fields.ts'
import { bodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { accepted, created, ok, type Route } from '../kit/route.ts'
import { toPulpCallReport } from './call-report.ts'
import { hrefs, root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

const uploads = `${root}content/uploads/`

/** `/content/uploads/`, and the import of what lies there into a repository (pulp2-api §9.3, §7). */
export function uploadRoutes(services: PulpServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: uploads,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpUploads' },
      doc: 'Lists the uploads that are there, oldest first.',
      handler: async () => ok({ upload_ids: [...(await services.uploads.list())] } satisfies PulpUploads),
    },
    {
      method: 'POST',
      path: uploads,
      permission: 'create',
      body: 'optional',
      shape: bodyShape({}),
      answers: { 201: 'PulpUpload' },
      doc: 'Makes a place for the bytes of a file; it has none yet.',
      handler: () => create(services),
    },
    {
      method: 'PUT',
      path: `${uploads}:upload/:offset/`,
      permission: 'update',
      body: 'stream',
      answers: { 200: null },
      doc: 'Writes the body from an offset in bytes on; chunks may come in any order, and again. They are durable when this answers.',
      handler: (call) => write(services, call),
    },
    {
      method: 'DELETE',
      path: `${uploads}:upload/`,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Deletes an upload and its bytes; one that is not there is no error.',
      handler: async (call) => {
        await services.uploads.delete(call.param('upload'))
        return ok(null)
      },
    },
    {
      method: 'POST',
      path: `${root}repositories/:repository/actions/import_upload/`,
      permission: 'update',
      body: 'object',
      shape: importOptions,
      answers: { 202: 'PulpCallReport' },
      doc: 'Queues that units are made of an upload in a repository. Whether that is possible is told by the task.',
      handler: (call) => importUpload(services, call),
    },
  ]
}

const importOptions = bodyShape({
  upload_id: required(text, { doc: 'The upload; an empty one for types without a file.' }),
  unit_type_id: required(text, { doc: 'The type of the unit.' }),
  unit_key: required(object, { doc: 'What identifies the unit; empty where its importer reads that from the file.' }),
  unit_metadata: optional(object, { doc: 'Further fields of the unit.' }),
  override_config: optional(object, { doc: 'Takes the place of these keys of the config, for this run.' }),
})

async function create({ uploads }: PulpServices) {
  const id = await uploads.create()
  const href = hrefs.upload(id)
  return created({ _href: href, upload_id: id } satisfies PulpUpload, href)
}

async function write({ uploads }: PulpServices, call: Call) {
  const offset = call.param('offset')
  if (!/^\d{1,15}$/.test(offset)) throw invalid('The offset must be a number of bytes', ['offset'])
  const { bytes, announced } = call.stream
  await uploads.write(call.param('upload'), Number(offset), bytes, announced)
  return ok(null)
}

async function importUpload({ operations }: PulpServices, call: Call) {
  const { upload_id: upload, unit_type_id: type, unit_key: key, ...rest } = importOptions.read(call.body)
  const { unit_metadata: metadata = {}, override_config: override = {} } = rest
  const request = { upload, type, key, metadata, override }
  return accepted(toPulpCallReport([await operations.importUpload(call.param('repository'), request)]))
}

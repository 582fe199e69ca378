import type { Orphan } from '../../core/orphans.ts'
import { requireOrphan, requireType } from '../../operations/collect-orphans.ts'
import type { PulpOrphan, PulpOrphanCounts, PulpOrphanLink } from '../../wire/pulp/orphan.ts'
import type { Field } from '../kit/body-fields.ts'
import { accepted, ok, okStream, type Route } from '../kit/route.ts'
import { toPulpCallReport } from './call-report.ts'
import { hrefs, root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

const orphans = `${root}content/orphans/`

/** `/content/orphans/` (pulp2-api §9.2). */
export function orphanRoutes(services: PulpServices): readonly Route[] {
  return [...readRoutes(services), ...deleteRoutes(services)]
}

function readRoutes(services: PulpServices): readonly Route[] {
  const shared = { method: 'GET', permission: 'read', body: 'none' } as const
  return [
    {
      ...shared,
      path: orphans,
      answers: { 200: 'PulpOrphanCounts' },
      doc: 'Counts the units in no repository, for every content type.',
      handler: async () => ok(await counts(services)),
    },
    {
      ...shared,
      path: `${orphans}:type/`,
      answers: { 200: 'PulpOrphan[]' },
      doc: 'Lists the units of a type that are in no repository.',
      handler: async (call) => {
        const type = call.param('type')
        requireType(services.plugins, type)
        return okStream(printed(services, type))
      },
    },
    {
      ...shared,
      path: `${orphans}:type/:unit/`,
      answers: { 200: 'PulpOrphanLink' },
      doc: 'Shows a unit that is in no repository.',
      handler: async (call) => {
        const [type, id] = [call.param('type'), call.param('unit')]
        await requireOrphan(services, type, id)
        return ok({ _id: id, _href: hrefs.orphan(type, id) } satisfies PulpOrphanLink)
      },
    },
  ]
}

function deleteRoutes({ operations }: PulpServices): readonly Route[] {
  const answers = { 202: 'PulpCallReport' }
  const shared = { method: 'DELETE', permission: 'delete', body: 'none', answers } as const
  return [
    {
      ...shared,
      path: orphans,
      doc: 'Queues the deletion of all units in no repository.',
      handler: async () => accepted(toPulpCallReport([await operations.deleteOrphans()])),
    },
    {
      ...shared,
      path: `${orphans}:type/`,
      doc: 'Queues the deletion of the units of a type that are in no repository.',
      handler: async (call) => accepted(toPulpCallReport([await operations.deleteOrphansOfType(call.param('type'))])),
    },
    {
      ...shared,
      path: `${orphans}:type/:unit/`,
      doc: 'Queues the deletion of a unit that is in no repository.',
      handler: async (call) => {
        const task = await operations.deleteOrphan(call.param('type'), call.param('unit'))
        return accepted(toPulpCallReport([task]))
      },
    },
    {
      method: 'POST',
      path: `${root}content/actions/delete_orphans/`,
      permission: 'delete',
      body: 'array',
      items: orphanName,
      answers,
      doc: 'Queues the deletion of the named units as far as they are in no repository.',
      handler: async (call) => accepted(toPulpCallReport([await operations.deleteNamedOrphans(call.items)])),
    },
  ]
}

/** Looked at by the task, which fails on a bad one. */
const orphanName: Field<unknown> = {
  schema: { examples: [{ content_type_id: 'rpm', unit_id: '1b8dc0a5-9a0b-4c0c-8b4b-6c1f5a4c7a01' }] },
  read: (value) => value,
}

async function counts(services: PulpServices): Promise<PulpOrphanCounts> {
  const found = await services.orphans.count()
  const entries = services.plugins.contentTypes.map(
    ({ id }) => [id, { count: found[id] ?? 0, _href: hrefs.orphans(id) }] as const,
  )
  return Object.fromEntries(entries)
}

async function* printed(services: PulpServices, type: string): AsyncIterable<PulpOrphan> {
  const keyFields = services.plugins.contentTypes.find(({ id }) => id === type)?.keyFields ?? []
  for await (const orphan of services.orphans.list(type)) yield toPulpOrphan(orphan, keyFields)
}

function toPulpOrphan({ type, wireId, metadata }: Orphan, keyFields: readonly string[]): PulpOrphan {
  const key = Object.fromEntries(keyFields.map((field) => [field, metadata[field] ?? null]))
  return { _id: wireId, _content_type_id: type, ...key, _href: hrefs.orphan(type, wireId) }
}

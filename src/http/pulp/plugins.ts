import type { ContentType } from '../../core/content-type.ts'
import { notFound } from '../../core/errors.ts'
import type { PulpContentType, PulpPluginPart } from '../../wire/pulp/plugin.ts'
import { ok, type Route } from '../kit/route.ts'
import { hrefs, root } from './hrefs.ts'
import { namedObjectId } from './object-id.ts'
import type { PulpServices } from './services.ts'

/** `/plugins/`: what can be mirrored, and by what (pulp2-api §14). */
export function pluginRoutes({ plugins }: Pick<PulpServices, 'plugins'>): readonly Route[] {
  const types = plugins.contentTypes.map(toPulpContentType)
  const importers = plugins.importers.map((importer) => toPulpPart('importers', importer))
  const distributors = plugins.distributors.map((distributor) => toPulpPart('distributors', distributor))
  return [
    ...listRoutes('types', 'content types', 'PulpContentType', 'type', types),
    ...listRoutes('importers', 'importers', 'PulpPluginPart', 'importer_type_id', importers),
    ...listRoutes('distributors', 'distributors', 'PulpPluginPart', 'distributor_type_id', distributors),
  ]
}

function listRoutes(
  kind: 'types' | 'importers' | 'distributors',
  noun: string,
  schema: string,
  missing: string,
  parts: readonly { readonly id: string }[],
): readonly Route[] {
  const shared = { method: 'GET', permission: 'read', body: 'none' } as const
  const path = `${root}plugins/${kind}/`
  return [
    {
      ...shared,
      path,
      answers: { 200: `${schema}[]` },
      doc: `Lists the ${noun} of this server.`,
      handler: async () => ok(parts),
    },
    {
      ...shared,
      path: `${path}:plugin/`,
      answers: { 200: schema },
      doc: `Shows one of the ${noun} of this server.`,
      handler: async (call) => {
        const id = call.param('plugin')
        const part = parts.find((candidate) => candidate.id === id)
        if (part === undefined) throw notFound({ [missing]: id })
        return ok(part)
      },
    },
  ]
}

function toPulpContentType(type: ContentType): PulpContentType {
  return {
    _id: { $oid: namedObjectId('content_type', type.id) },
    _ns: 'content_types',
    _href: hrefs.plugin('types', type.id),
    id: type.id,
    display_name: type.displayName,
    description: type.description,
    unit_key: [...type.keyFields],
    search_indexes: [...type.searchIndexes],
    referenced_types: [...type.referencedTypes],
  }
}

function toPulpPart(
  kind: 'importers' | 'distributors',
  part: { readonly id: string; readonly displayName: string; readonly contentTypes: readonly string[] },
): PulpPluginPart {
  return {
    _href: hrefs.plugin(kind, part.id),
    id: part.id,
    display_name: part.displayName,
    types: [...part.contentTypes],
  }
}

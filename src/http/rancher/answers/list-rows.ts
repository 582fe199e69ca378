import type { Resource, ResourceFilter } from '../../../core/resource.ts'
import type { RancherCollection } from '../../../wire/rancher/collection.ts'
import type { RancherResource } from '../../../wire/rancher/resource.ts'
import { readFilters } from '../lists/filters.ts'
import { printPage, readPage } from '../lists/paging.ts'
import { readSorting } from '../lists/sorting.ts'
import { printResource } from '../print/print-resource.ts'
import type { Call } from '../request/call.ts'
import { mayDo, type TypeSchema } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'
import { findType } from '../types/index.ts'
import { lookAt } from './look-at.ts'
import { visibleRows } from './visible.ts'

/** What a link narrows a list to. */
export interface Narrowing {
  readonly filters?: readonly ResourceFilter[]
  readonly keys?: readonly number[]
  /** Field → id of the resource that has the link. */
  readonly createDefaults?: Readonly<Record<string, string>>
}

/** Adds to printed rows what the query wants included. */
export type Include = (
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  rows: readonly Resource[],
  printed: readonly RancherResource[],
) => Promise<readonly RancherResource[]>

/** A page of a type (rancher-api §1.10). */
export async function listRows(
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  narrowing: Narrowing = {},
  include: Include = async (_services, _call, _schema, _rows, printed) => printed,
): Promise<RancherCollection> {
  const { query, urls, caller } = call
  const [filters, sorting, page] = [readFilters(schema, query), readSorting(schema, query, urls.self), readPage(query)]
  const rows = await services.resources.list({
    types: filters.types,
    ...bothKeys(visibleRows(caller, schema), narrowing.keys),
    filters: [...(narrowing.filters ?? []), ...filters.rows],
    ...sorting.rows,
    limit: page.limit + 1,
    offset: page.offset,
    removed: query.get('_removed') !== undefined,
  })
  const more = rows.length > page.limit
  const shown = rows.slice(0, page.limit)
  const view = await lookAt(services, call, shown)
  const printed = shown.map((row) => printResource(row, view))
  const creatable = mayDo(schema, caller.role, 'create')
  return {
    type: 'collection',
    resourceType: schema.id,
    links: { self: urls.self },
    createTypes: createTypes(schema, call),
    actions: {},
    data: await include(services, call, schema, shown, printed),
    sortLinks: sorting.sortLinks,
    pagination: printPage(page, more, urls.self, query),
    sort: sorting.sort,
    filters: filters.echo,
    createDefaults: creatable ? (narrowing.createDefaults ?? {}) : {},
  }
}

function createTypes({ children = [] }: TypeSchema, { caller, urls }: Call): Readonly<Record<string, string>> {
  const types = children.flatMap((id) => findType(id, caller.role) ?? [])
  const creatable = types.filter((type) => mayDo(type, caller.role, 'create'))
  return Object.fromEntries(creatable.map((type) => [type.id, urls.of(type.plural)]))
}

function bothKeys(visible: ReturnType<typeof visibleRows>, keys: readonly number[] | undefined) {
  if (keys === undefined) return visible
  const { keys: seen, ...owners } = visible
  return { ...owners, keys: seen === undefined ? keys : keys.filter((key) => seen.includes(key)) }
}

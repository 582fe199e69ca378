import type { Resource, ResourceQuery, ResourceStore } from '../../core/resource.ts'

/** More would be one large answer of the database. */
const page = 500

/** All that fulfil the query, page after page in the order of their keys; those that were removed long ago are left out. */
export async function* everyResource(
  resources: ResourceStore,
  { filters, ...query }: Pick<ResourceQuery, 'types' | 'owners' | 'filters'>,
): AsyncGenerator<Resource> {
  let last = 0
  while (true) {
    const after = { column: 'key', test: 'gt', value: last } as const
    const found = await resources.list({ ...query, filters: [...filters, after], limit: page, offset: 0 })
    yield* found
    if (found.length < page) return
    last = found.at(-1)?.key ?? last
  }
}

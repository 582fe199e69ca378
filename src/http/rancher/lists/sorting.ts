import type { ResourceQuery } from '../../../core/resource.ts'
import type { RancherSort } from '../../../wire/rancher/collection.ts'
import { inOrder } from '../print/print-schema.ts'
import type { Query } from '../request/query.ts'
import type { Filterable, TypeSchema } from '../schema/type-schema.ts'

interface Sorting {
  readonly sortLinks: Readonly<Record<string, string>>
  readonly sort: RancherSort | null
  readonly rows: Pick<ResourceQuery, 'sort'>
}

/** `self` is the list's URL without its query. Fields of `data` cannot be sorted by (rancher-api §1.10). */
export function readSorting(schema: TypeSchema, query: Query, self: string): Sorting {
  const fields = inOrder(schema.filters).filter(([, field]) => !('member' in field))
  const link = (name: string) => self + query.with({ sort: name, order: null })
  const sortLinks = Object.fromEntries(fields.map(([name]) => [name, link(name)]))
  const chosen = fields.find(([name]) => name === query.get('sort'))
  if (chosen === undefined) return { sortLinks, sort: null, rows: {} }
  const descending = query.get('order')?.toLowerCase() === 'desc'
  const [name, field] = chosen
  const reverse = self + query.with({ sort: name, order: descending ? 'asc' : 'desc', marker: null })
  return { sortLinks, sort: { name, order: descending ? 'desc' : 'asc', reverse }, rows: rowSort(field, descending) }
}

/** What is the same for all leaves the order to the id. */
function rowSort(field: Filterable, descending: boolean): Pick<ResourceQuery, 'sort'> {
  return { sort: { column: 'column' in field ? field.column : 'key', descending } }
}

import type { RancherPagination } from '../../../wire/rancher/collection.ts'
import type { Query } from '../request/query.ts'

export interface Page {
  readonly limit: number
  readonly offset: number
}

const usual = 100
const most = 1000

/** rancher-api §1.10, Pagination. */
export function readPage(query: Query): Page {
  const offset = /^m(\d{1,15})$/.exec(query.get('marker') ?? '')?.[1]
  return { limit: limitOf(query.get('limit')), offset: Number(offset ?? 0) }
}

function limitOf(text: string | undefined): number {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return usual
  const limit = Number(text)
  return limit < 1 || limit > most ? most : limit
}

export function printPage(page: Page, more: boolean, self: string, query: Query): RancherPagination {
  const next = more ? self + query.with({ marker: `m${page.offset + page.limit}` }) : null
  return { first: null, previous: null, next, limit: page.limit, total: null, partial: more }
}

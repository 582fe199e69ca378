import { DeckleError } from '../../../core/errors.ts'
import type { Resource } from '../../../core/resource.ts'
import type { RancherObject } from '../../../wire/rancher/resource.ts'
import { formatId } from '../print/ids.ts'
import { printHostPull } from '../print/print-host-pull.ts'
import { linksOf } from '../print/print-schema.ts'
import type { Call } from '../request/call.ts'
import type { Link, TypeSchema } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'
import { findType } from '../types/index.ts'
import { type Include, listRows, type Narrowing } from './list-rows.ts'
import { lookAt, showOne } from './look-at.ts'
import { plainCollection } from './plain-collection.ts'
import { requireVisible } from './visible.ts'

/** What a link of a row leads to, a resource or a collection; undefined for no such link, or one that leads nowhere. */
export async function resolveLink(
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  row: Resource,
  name: string,
  include?: Include,
): Promise<RancherObject | undefined> {
  const links = Object.entries(linksOf(schema, call.caller.role))
  const link = links.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  const target = link && findType(link.to, call.caller.role)
  if (link === undefined || target === undefined) return undefined
  if ('one' in link) return showTarget(services, call, target, link, row)
  if (link.many === 'pullsOfTask') return listPulls(services, call, row)
  return listRows(services, call, target, await narrow(services, call, schema, link.many, row), include)
}

async function showTarget(
  services: RancherServices,
  call: Call,
  target: TypeSchema,
  link: Extract<Link, { one: unknown }>,
  row: Resource,
): Promise<RancherObject | undefined> {
  const key = link.one === 'owner' ? row.owner : row.data[link.one.member]
  if (typeof key !== 'number') return undefined
  try {
    return await showOne(services, call, await requireVisible(services, call.caller, target, key))
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'not-found') return undefined
    throw error
  }
}

async function narrow(
  services: RancherServices,
  { caller, query }: Call,
  schema: TypeSchema,
  many: Exclude<Extract<Link, { many: unknown }>['many'], 'pullsOfTask'>,
  row: Resource,
): Promise<Narrowing> {
  const plainIds = caller.actor.role === 'admin' && query.get('_plainId') === 'true'
  if (many === 'owned') return { filters: [{ column: 'owner', test: 'eq', value: row.key }] }
  if (many === 'hostsOfImage') return { keys: (await services.rollouts.hostsOf([row.key])).get(row.key) ?? [] }
  return {
    filters: [{ member: many.member, test: 'eq', value: String(row.key) }],
    createDefaults: { [many.member]: formatId(schema.id, row.key, { plainIds }) },
  }
}

async function listPulls(services: RancherServices, call: Call, task: Resource): Promise<RancherObject> {
  const [view, pulls] = await Promise.all([lookAt(services, call, []), services.rollouts.pulls(task.key)])
  return plainCollection(
    'hostPull',
    { self: call.urls.self },
    pulls.map((pull) => printHostPull(pull, view)),
  )
}

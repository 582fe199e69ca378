import type { Resource } from '../../../core/resource.ts'
import type { RancherResource, RancherValue } from '../../../wire/rancher/resource.ts'
import { linksOf } from '../print/print-schema.ts'
import type { Call } from '../request/call.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'
import { resolveLink } from './resolve-link.ts'

/** Puts what the first `include` names into the resources, as a field with the link's name (rancher-api §1.10). */
export async function includeLink(
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  rows: readonly Resource[],
  printed: readonly RancherResource[],
): Promise<readonly RancherResource[]> {
  const wanted = call.query.all('include')[0]?.toLowerCase()
  const name = Object.keys(linksOf(schema, call.caller.role)).find((link) => link.toLowerCase() === wanted)
  if (name === undefined) return printed
  const plain = withoutQuery(call)
  const memory = new Map<string, Promise<RancherValue>>()
  const included = rows.map((row) => {
    const link = schema.links[name]
    const shared = link !== undefined && 'one' in link && link.one === 'owner' ? `owner ${row.owner}` : `row ${row.key}`
    const known = memory.get(shared) ?? linkedValue(services, plain, schema, row, name)
    memory.set(shared, known)
    return known
  })
  const values = await Promise.all(included)
  return printed.map((resource, index) => ({ ...resource, [name]: values[index] ?? null }))
}

/** The query is for the list, not for what it includes. */
function withoutQuery(call: Call): Call {
  const query = { entries: [], get: () => undefined, all: () => [], with: call.query.with }
  return { ...call, query }
}

async function linkedValue(
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  row: Resource,
  name: string,
): Promise<RancherValue> {
  const found = await resolveLink(services, call, schema, row, name)
  return found === undefined ? null : found['type'] === 'collection' ? (found['data'] ?? null) : found
}

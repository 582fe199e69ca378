import { notFound } from '../../../core/errors.ts'
import type { Resource, ResourceQuery, ResourceType } from '../../../core/resource.ts'
import type { Caller } from '../request/call.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'

/** Nobody owns them: they are seen by who is one of them. */
const owners: readonly ResourceType[] = ['account', 'project']

/** Throws kind `not-found` for what is not there, of another type, or somebody else's (rancher-api §1.6). */
export async function requireVisible(
  { resources }: RancherServices,
  caller: Caller,
  schema: TypeSchema,
  key: number,
): Promise<Resource> {
  const found = await resources.get(schema.stored, key)
  const seenBy = owners.includes(found.type) ? found.key : found.owner
  if (caller.owners !== undefined && (seenBy === null || !caller.owners.includes(seenBy))) {
    throw notFound({ [schema.id]: String(key) })
  }
  return found
}

/** What narrows a list of the type to what the caller sees. */
export function visibleRows(caller: Caller, schema: TypeSchema): Pick<ResourceQuery, 'keys' | 'owners'> {
  if (caller.owners === undefined) return {}
  return schema.stored.some((type) => owners.includes(type)) ? { keys: caller.owners } : { owners: caller.owners }
}

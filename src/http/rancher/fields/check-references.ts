import { DeckleError } from '../../../core/errors.ts'
import type { Json, JsonObject } from '../../../core/json.ts'
import { requireVisible } from '../answers/visible.ts'
import { RancherError } from '../errors.ts'
import type { Caller } from '../request/call.ts'
import { referredType } from '../schema/field.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'
import { findType } from '../types/index.ts'

/** Every reference among checked fields must lead to something that the caller sees; else 422 `InvalidReference`. */
export async function checkReferences(
  services: RancherServices,
  caller: Caller,
  schema: TypeSchema,
  fields: JsonObject,
): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    const type = schema.fields[name]?.type ?? ''
    const id = referredType(/^array\[(.+)\]$/.exec(type)?.[1] ?? type)
    if (id === undefined) continue
    for (const key of Array.isArray(value) ? value : [value]) await checkReference(services, caller, name, id, key)
  }
}

async function checkReference(services: RancherServices, caller: Caller, name: string, id: string, key: Json) {
  const target = findType(id, caller.role)
  const fault = RancherError.field('InvalidReference', name, `There is no such ${id}`)
  if (typeof key !== 'number') return
  if (target === undefined) throw fault
  try {
    const { removed } = await requireVisible(services, caller, target, key)
    if (removed !== null) throw fault
  } catch (error) {
    throw error instanceof DeckleError && error.kind === 'not-found' ? fault : error
  }
}

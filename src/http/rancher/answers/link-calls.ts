import { isJsonObject } from '../../../core/json.ts'
import { methodNotAllowed, noSuchThing } from '../errors.ts'
import type { Call } from '../request/call.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'
import { type Answer, ok } from './answer.ts'
import { includeLink } from './include.ts'
import { resolveLink } from './resolve-link.ts'
import { keyOf } from './resource-calls.ts'
import { requireVisible } from './visible.ts'

/** `/v1/<type>/<id>/<link>`, and `/<id>` of one among those that it leads to. */
export async function answerLink(
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  [id, link, linked]: readonly [id: string, link: string, linked?: string],
): Promise<Answer> {
  const key = keyOf(call, id)
  if (call.method !== 'GET') throw methodNotAllowed()
  const row = await requireVisible(services, call.caller, schema, key)
  const found = await resolveLink(services, call, schema, row, link, includeLink)
  if (found === undefined) throw noSuchThing()
  if (linked === undefined) return ok(found)
  const data = Array.isArray(found['data']) ? found['data'] : []
  const one = data.find((item) => isJsonObject(item) && item['id'] === linked)
  if (!isJsonObject(one)) throw noSuchThing()
  return ok(one)
}

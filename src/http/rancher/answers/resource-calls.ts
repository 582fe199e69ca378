import type { Resource } from '../../../core/resource.ts'
import { methodNotAllowed, noSuchThing, RancherError } from '../errors.ts'
import { checkFields } from '../fields/check-fields.ts'
import { checkReferences } from '../fields/check-references.ts'
import { parseId } from '../print/ids.ts'
import { offered } from '../print/print-resource.ts'
import { actionsOf } from '../print/print-schema.ts'
import type { Call } from '../request/call.ts'
import { mayDo, type TypeSchema, type Verb } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'
import { type Answer, ok } from './answer.ts'
import { includeLink } from './include.ts'
import { showOne } from './look-at.ts'
import { requireVisible } from './visible.ts'

const verbs: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', DELETE: 'delete' }

/** `/v1/<type>/<id>`, checked in the order of rancher-api §1.12. */
export async function answerResource(
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  id: string,
): Promise<Answer> {
  const key = keyOf(call, id)
  const action = call.query.get('action')
  if (call.method === 'POST' && action) return act(services, call, schema, key, action)
  const verb = Object.hasOwn(verbs, call.method) ? verbs[call.method] : undefined
  if (verb === undefined || !mayDo(schema, call.caller.role, verb)) throw methodNotAllowed()
  if (verb === 'update') return update(services, call, schema, key)
  const row = await requireVisible(services, call.caller, schema, key)
  return verb === 'delete' ? remove(services, call, schema, row) : show(services, call, schema, row)
}

/** Throws 404 for what is no id. Administrators who see plain ids may send them. */
export function keyOf({ caller, query }: Call, id: string): number {
  const isPlain = caller.actor.role === 'admin' && query.get('_plainId') === 'true' && /^\d{1,15}$/.test(id)
  const key = isPlain ? Number(id) : parseId(id)
  if (key === undefined) throw noSuchThing()
  return key
}

async function show(services: RancherServices, call: Call, schema: TypeSchema, row: Resource): Promise<Answer> {
  const printed = await showOne(services, call, row)
  const [included] = await includeLink(services, call, schema, [row], [printed])
  return ok(included ?? printed)
}

/** Fields are checked before it is looked for. */
async function update(services: RancherServices, call: Call, schema: TypeSchema, key: number): Promise<Answer> {
  const { caller } = call
  const fields = checkFields(schema, caller.role, 'update', await call.body())
  await checkReferences(services, caller, schema, fields)
  const row = await requireVisible(services, caller, schema, key)
  return ok(await showOne(services, call, await services.operations.update(row, fields, caller.actor)))
}

/** 200 with what is being removed; 405 in a state that does not offer it (rancher-api §1.12). */
async function remove(services: RancherServices, call: Call, schema: TypeSchema, row: Resource): Promise<Answer> {
  if (!offered(schema, row, call.caller).includes('remove')) {
    throw methodNotAllowed(`It cannot be removed while it is ${row.state}; deactivate it first`)
  }
  return ok(await showOne(services, call, await services.operations.act(row, 'remove', call.caller.actor)))
}

/** 202 with what has begun; the operation refuses what its state does not offer. */
async function act(
  services: RancherServices,
  call: Call,
  schema: TypeSchema,
  key: number,
  name: string,
): Promise<Answer> {
  const action = actionsOf(schema, call.caller.role).find((one) => one === name)
  if (action === undefined) throw RancherError.field('InvalidAction', 'action')
  const row = await requireVisible(services, call.caller, schema, key)
  const begun = await services.operations.act(row, action, call.caller.actor)
  return { status: 202, body: await showOne(services, call, begun) }
}

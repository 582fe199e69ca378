import type { Actor } from '../../../core/managed.ts'
import { methodNotAllowed, RancherError } from '../errors.ts'
import { checkFields } from '../fields/check-fields.ts'
import { checkReferences } from '../fields/check-references.ts'
import type { Call, Caller } from '../request/call.ts'
import { mayDo, type TypeSchema } from '../schema/type-schema.ts'
import type { RancherServices } from '../services.ts'
import { type Answer, ok } from './answer.ts'
import { includeLink } from './include.ts'
import { listRows } from './list-rows.ts'
import { showOne } from './look-at.ts'

/** `/v1/<type>`: a list, or a new one. */
export async function answerCollection(services: RancherServices, call: Call, schema: TypeSchema): Promise<Answer> {
  const { method, caller, query } = call
  if (method === 'POST' && query.get('action')) throw RancherError.field('InvalidAction', 'action')
  const verb = { GET: 'list', POST: 'create' } as const
  const wanted = method === 'GET' || method === 'POST' ? verb[method] : undefined
  if (wanted === undefined || !mayDo(schema, caller.role, wanted)) throw methodNotAllowed()
  return wanted === 'list'
    ? ok(await listRows(services, call, schema, {}, includeLink))
    : create(services, call, schema)
}

/** 201, the resource in its first transition (rancher-api §1.12). */
async function create(services: RancherServices, call: Call, schema: TypeSchema): Promise<Answer> {
  const { caller } = call
  const fields = checkFields(schema, caller.role, 'create', await call.body())
  await checkReferences(services, caller, schema, fields)
  const type = schema.stored.find((stored) => stored === schema.id)
  if (type === undefined) throw methodNotAllowed()
  const made = await services.operations.create(type, fields, await maker(schema, caller))
  const body = await showOne(services, call, made.resource, made.once)
  return { status: 201, body, headers: { location: body.links['self'] ?? call.urls.self } }
}

async function maker({ inProject }: TypeSchema, { actor, home }: Caller): Promise<Actor> {
  if (!inProject || actor.project !== null) return actor
  return { ...actor, project: (await home()) ?? null }
}

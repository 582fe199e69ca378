import { noSuchThing } from '../errors.ts'
import type { Call } from '../request/call.ts'
import type { RancherServices } from '../services.ts'
import { findType } from '../types/index.ts'
import { type Answer, ok } from './answer.ts'
import { answerCollection } from './collection-calls.ts'
import { answerLink } from './link-calls.ts'
import { answerResource } from './resource-calls.ts'
import { showSchemas } from './schemas.ts'
import { listVersions, showVersion } from './versions.ts'

/** Every request that was let in. `/`, `/v1` and schemas answer any method (rancher-api §1.12). */
export async function answerCall(services: RancherServices, call: Call): Promise<Answer> {
  const { path, caller, urls } = call
  const [name, id, link, linked, ...rest] = path.segments
  if (path.isRoot) return ok(listVersions(urls))
  if (name === undefined) return ok(showVersion(path.version, caller.role, urls))
  const schema = findType(name, caller.role)
  if (schema === undefined || rest.length > 0) throw noSuchThing()
  if (schema.id === 'schema') return ok(showSchemas(call))
  if (id === undefined) return answerCollection(services, call, schema)
  if (link === undefined) return answerResource(services, call, schema, id)
  return answerLink(services, call, schema, linked === undefined ? [id, link] : [id, link, linked])
}

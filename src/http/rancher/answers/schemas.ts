import type { RancherObject } from '../../../wire/rancher/resource.ts'
import { noSuchThing } from '../errors.ts'
import { printSchema } from '../print/print-schema.ts'
import type { Call } from '../request/call.ts'
import { findType, typesOf } from '../types/index.ts'
import { plainCollection } from './plain-collection.ts'

/** `GET /v1/schemas`, `/v1/schemas/<type>`: what the caller's role sees (rancher-api §1.11). */
export function showSchemas({ path, caller: { role }, urls }: Call): RancherObject {
  const [, id, ...rest] = path.segments
  if (rest.length > 0) throw noSuchThing()
  if (id !== undefined) return showSchema(id, role, urls)
  const all = typesOf(role).map((schema) => printSchema(schema, role, urls))
  return plainCollection('schema', { self: urls.of('schemas') }, all)
}

function showSchema(id: string, role: Call['caller']['role'], urls: Call['urls']): RancherObject {
  const schema = findType(id, role)
  if (schema === undefined) throw noSuchThing()
  return printSchema(schema, role, urls)
}

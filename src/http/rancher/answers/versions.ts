import type { RancherResource } from '../../../wire/rancher/resource.ts'
import { inOrder } from '../print/print-schema.ts'
import { latestVersion, versions } from '../request/target-path.ts'
import type { Urls } from '../request/urls.ts'
import type { Role } from '../schema/role.ts'
import { mayDo } from '../schema/type-schema.ts'
import { typesOf } from '../types/index.ts'
import { plainCollection } from './plain-collection.ts'

/** `GET /` (rancher-api §1.1). */
export function listVersions({ origin }: Urls) {
  const data = versions.map((id) => ({ id, type: 'apiVersion', links: { self: `${origin}/${id}` }, actions: {} }))
  return plainCollection('apiVersion', { self: `${origin}/`, latest: `${origin}/${latestVersion}` }, data)
}

/** `GET /v1`: a link for every type that can be listed, and `self`, by name. */
export function showVersion(id: string, role: Role, urls: Urls): RancherResource {
  const listed = typesOf(role).filter((schema) => mayDo(schema, role, 'list'))
  const links = { self: urls.base, ...Object.fromEntries(listed.map(({ plural }) => [plural, urls.of(plural)])) }
  return { id, type: 'apiVersion', links: Object.fromEntries(inOrder(links)), actions: {} }
}

import type { IncomingHttpHeaders } from 'node:http'
import { DeckleError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/managed.ts'
import { RancherError } from '../errors.ts'
import { parseId } from '../print/ids.ts'
import type { Role } from '../schema/role.ts'
import type { RancherServices } from '../services.ts'
import type { Caller } from './call.ts'
import type { Query } from './query.ts'
import type { TargetPath } from './target-path.ts'

/** Throws 401 without valid credentials, 403 for a project that is not the caller's, not active, or none (rancher-api §1.6). */
export async function admit(
  services: RancherServices,
  path: TargetPath,
  query: Query,
  headers: IncomingHttpHeaders,
): Promise<Caller> {
  const actor = await services.authenticate(headers.authorization)
  const wanted = path.project ?? single(headers['x-api-project-id']) ?? query.get('projectId')
  if (wanted !== undefined && wanted !== '') return insideProject(services, actor, wanted)
  if (actor.role === 'project') return projectCaller(actor, actor.project ?? actor.account)
  const home = async () => (await services.projectsOf(actor)).toSorted((one, other) => one - other)[0]
  if (actor.role === 'admin') {
    return { actor, role: roles.get(query.get('_role') ?? '') ?? 'admin', owners: undefined, home }
  }
  return { actor, role: actor.role, owners: [actor.account, ...(await services.projectsOf(actor))], home }
}

/** Schemas that an administrator may ask for with `_role`. */
const roles: ReadonlyMap<string, Role> = new Map([
  ['admin', 'admin'],
  ['member', 'project'],
  ['owner', 'project'],
  ['project', 'project'],
  ['user', 'user'],
])

async function insideProject(services: RancherServices, actor: Actor, id: string): Promise<Caller> {
  const key = parseId(id)
  if (key === undefined || !(await isOpen(services, actor, key))) {
    throw RancherError.plain(403, 'There is no such project, it is not active, or it is not yours')
  }
  return projectCaller(actor, key)
}

async function isOpen(services: RancherServices, actor: Actor, key: number): Promise<boolean> {
  if (actor.role === 'project') return key === (actor.project ?? actor.account)
  if (actor.role === 'user' && !(await services.projectsOf(actor)).includes(key)) return false
  try {
    const { state } = await services.resources.get(['project'], key)
    return state === 'active' || state === 'updating-active'
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'not-found') return false
    throw error
  }
}

function projectCaller({ name }: Actor, key: number): Caller {
  return {
    actor: { role: 'project', account: key, project: key, name },
    role: 'project',
    owners: [key],
    home: async () => key,
  }
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

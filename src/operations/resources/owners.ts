import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { Actor } from '../../core/managed.ts'
import { newRow, refused, type TypeRules } from './type-rules.ts'

/** Made by administrators; those of Deckle's users come by themselves, with their first call. */
export const accounts: TypeRules = {
  async create({ resources }, fields) {
    const data = { kind: fields['kind'] ?? 'user' }
    return { resource: await resources.create(newRow(fields, { type: 'account', owner: null, data })) }
  },
}

/** Somebody of a project, as clients spell him (rancher-api §4.4). */
interface Member {
  readonly externalId: string
  readonly externalIdType: string
  readonly role: 'owner' | 'member'
}

/** Who makes a project is its owner, unless he names others. */
export const projects: TypeRules = {
  async create({ resources }, fields, by) {
    const members = readMembers(fields['members'])
    const all = members.length === 0 && by.role === 'user' ? [ownerOf(by)] : members
    const data = { kind: 'project', members: all.map(toJson) }
    return { resource: await resources.create(newRow(fields, { type: 'project', owner: null, data })) }
  },
  async change(_services, _resource, { members }) {
    return members === undefined ? {} : { members: readMembers(members).map(toJson) }
  },
  changesInTransition: true,
}

/** Members are Deckle's users, by login. `roles`: only those. */
export function hasMember(data: JsonObject, login: string, roles: readonly string[] = ['owner', 'member']): boolean {
  const members = data['members']
  if (!Array.isArray(members)) return false
  return members.some(
    (member) => isJsonObject(member) && member['externalId'] === login && roles.includes(String(member['role'])),
  )
}

function ownerOf({ name }: Actor): Member {
  return { externalId: name, externalIdType: 'deckle_user', role: 'owner' }
}

/** Roles that Deckle does not have would be told apart by nobody, so they are refused. */
function readMembers(value: Json | undefined): readonly Member[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw refused('InvalidFormat', 'members', 'members must be a list')
  return value.map((member: Json) => {
    const { externalId, externalIdType = 'deckle_user', role } = isJsonObject(member) ? member : {}
    if (typeof externalId !== 'string' || externalId === '' || typeof externalIdType !== 'string') {
      throw refused('InvalidFormat', 'members', 'each of members needs an externalId, the login of a user')
    }
    if (role === 'owner' || role === 'member') return { externalId, externalIdType, role }
    throw refused('InvalidOption', 'members', 'the role of each of members must be owner or member')
  })
}

function toJson({ externalId, externalIdType, role }: Member): JsonObject {
  return { externalId, externalIdType, role }
}

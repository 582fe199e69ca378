import { sha256Hex } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LifeState } from '../../core/life-cycle.ts'
import type { Actor } from '../../core/managed.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import { findResource } from './find-resource.ts'
import { hasDigest, newKeyPair } from './key-pair.ts'
import { newRow, refused, type TypeRules } from './type-rules.ts'

/** Logs in as the account or the project that owns it. The secret is told once, and kept as its sha256 (rancher-api §4.7). */
export const apiKeys: TypeRules = {
  async create({ resources }, fields, by) {
    const owner = await ownerFor(resources, fields, by)
    const { accessKey, secretKey } = newKeyPair()
    const data = { publicValue: accessKey, secretSha256: sha256Hex(secretKey), ...maker(by) }
    const row = newRow(fields, { type: 'apiKey', owner, identity: accessKey, data })
    return { resource: await resources.create(row), once: { publicValue: accessKey, secretValue: secretKey } }
  },
}

/** Keys work from the moment on in which they are told, until they are deactivated or removed. */
const working: readonly LifeState[] = ['registering', 'activating', 'active', 'updating-active']

export function isWorking({ state }: Resource): boolean {
  return working.includes(state)
}

/** The key with that secret, if there is one that works. One look-up in an index. */
export async function findKey(
  resources: ResourceStore,
  type: 'apiKey' | 'agentKey',
  accessKey: string,
  secretKey: string,
): Promise<Resource | undefined> {
  const found = await resources.findAnywhere(type, accessKey)
  if (found === undefined || !isWorking(found)) return undefined
  return hasDigest(secretKey, found.data['secretSha256']) ? found : undefined
}

/** The user whose rights a key of the admin account has; undefined for other keys. */
export function makerOf({ data }: Resource): string | undefined {
  return typeof data['madeBy'] === 'string' ? data['madeBy'] : undefined
}

/** The admin account is shared, so what an administrator made there ends with his being one. */
function maker({ role, name }: Actor): JsonObject {
  return role === 'admin' ? { madeBy: name } : {}
}

async function ownerFor(resources: ResourceStore, { accountId }: JsonObject, by: Actor): Promise<number> {
  const own = by.role === 'project' ? (by.project ?? by.account) : by.account
  if (accountId === undefined || accountId === null || accountId === own) return own
  if (by.role !== 'admin') throw new DeckleError('forbidden', 'Only administrators make keys for others')
  const found = await findResource(resources, ['account', 'project'], accountId)
  if (found !== undefined && found.removed === null) return found.key
  throw refused('InvalidReference', 'accountId', 'accountId names no account and no project')
}

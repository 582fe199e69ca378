import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ResourceStore } from '../../core/resource.ts'
import { everyResource } from './every-resource.ts'
import { findResource } from './find-resource.ts'
import type { Sealer } from './sealer.ts'
import { given, identityText, newRow, projectOf, type RuleServices, refused, type TypeRules } from './type-rules.ts'

/** Member of `data` that holds the encrypted password. */
const sealedSecret = 'sealedSecret'

/** One of an address in a project, whatever its case (rancher-api §4.6). */
export const registries: TypeRules = {
  async create({ resources }, fields, by) {
    const address = identityText(fields, 'serverAddress')
    const data = { serverAddress: address }
    const row = newRow(fields, { type: 'registry', owner: projectOf(by), identity: address.toLowerCase(), data })
    return { resource: await usingAddress(() => resources.create(row), address) }
  },
}

/** What logs in at a registry. Its password goes in and never comes out (rancher-api §4.7). */
export const registryCredentials: TypeRules = {
  async create({ resources, sealer }, fields, by) {
    const owner = projectOf(by)
    const registryId = await registryIn(resources, owner, fields['registryId'])
    const data = { registryId, ...given(fields, plainFields), ...sealed(sealer, fields) }
    return { resource: await resources.create(newRow(fields, { type: 'registryCredential', owner, data })) }
  },
  async change({ sealer }, _resource, fields) {
    const plain = plainFields.filter((name) => fields[name] !== undefined)
    return { ...Object.fromEntries(plain.map((name) => [name, fields[name] ?? null])), ...sealed(sealer, fields) }
  },
}

/** What an engine logs in with. */
export interface PullCredential {
  readonly serverAddress: string
  readonly username: string
  readonly password: string
  readonly email: string
}

/**
 * What a project logs in with at a registry: the first active credential of the active registry of that address, whose case does not
 * count (rancher-api §3.8). Undefined: pull anonymously.
 */
export async function findPullCredential(
  { resources, sealer }: Pick<RuleServices, 'resources' | 'sealer'>,
  project: number,
  registryAddress: string,
): Promise<PullCredential | undefined> {
  const registry = await resources.find('registry', project, registryAddress.toLowerCase())
  if (registry?.state !== 'active') return undefined
  const filters = [
    { column: 'state', test: 'eq', value: 'active' },
    { member: 'registryId', test: 'eq', value: String(registry.key) },
  ] as const
  const query = { types: ['registryCredential'], owners: [project], filters } as const
  for await (const { data } of everyResource(resources, query)) {
    const secret = data[sealedSecret]
    const password = typeof secret === 'string' ? sealer.open(secret) : ''
    if (password !== undefined)
      return { ...account(data), serverAddress: textOf(registry.data, 'serverAddress'), password }
  }
  return undefined
}

/** Says of an address that is taken what clients know (rancher-api §1.13). */
export async function usingAddress<Result>(use: () => Promise<Result>, address: string): Promise<Result> {
  try {
    return await use()
  } catch (error) {
    const taken = error instanceof DeckleError && error.kind === 'conflict' && error.details.code !== 'overtaken'
    if (!taken) throw error
    throw refused('ServerAddressUsed', 'serverAddress', `There is a registry ${address} in this project already`)
  }
}

const plainFields = ['email', 'publicValue']

function account(data: JsonObject): Pick<PullCredential, 'username' | 'email'> {
  return { username: textOf(data, 'publicValue'), email: textOf(data, 'email') }
}

function textOf(data: JsonObject, member: string): string {
  const value = data[member]
  return typeof value === 'string' ? value : ''
}

function sealed(sealer: Sealer, { secretValue }: JsonObject): JsonObject {
  if (secretValue === undefined) return {}
  return { [sealedSecret]: typeof secretValue === 'string' ? sealer.seal(secretValue) : null }
}

async function registryIn(resources: ResourceStore, project: number, key: unknown): Promise<number> {
  const found = await findResource(resources, ['registry'], key)
  if (found?.owner === project && found.removed === null) return found.key
  throw refused('InvalidReference', 'registryId', 'registryId names no registry of this project')
}

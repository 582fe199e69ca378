import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { RegistryLogin, RegistryLogins } from '../../core/rollout.ts'
import { findResource } from './find-resource.ts'
import type { Sealer } from './sealer.ts'
import { given, identityText, newRow, projectOf, refused, type TypeRules, textOrNull } from './type-rules.ts'

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

/** Log-ins among the project's resources: the oldest active one of the active registry (rancher-api §3.8). */
export class ManagedRegistryLogins implements RegistryLogins {
  readonly #resources: ResourceStore
  readonly #sealer: Sealer

  constructor(resources: ResourceStore, sealer: Sealer) {
    this.#resources = resources
    this.#sealer = sealer
  }

  async find(project: number, registry: string): Promise<RegistryLogin | undefined> {
    const found = await this.#resources.find('registry', project, registry.toLowerCase())
    if (found?.state !== 'active') return undefined
    const filters = [
      { column: 'state', test: 'eq', value: 'active' },
      { member: 'registryId', test: 'eq', value: String(found.key) },
    ] as const
    const query = { types: ['registryCredential'], owners: [project], filters, limit: 1, offset: 0 } as const
    const [credential] = await this.#resources.list(query)
    if (credential === undefined) return undefined
    const { publicValue, email } = credential.data
    const password = this.#passwordOf(credential)
    const serverAddress = textOrNull(found.data['serverAddress']) ?? registry
    return { serverAddress, username: textOrNull(publicValue) ?? '', email: textOrNull(email) ?? '', password }
  }

  /** Empty for none, or one that was sealed with another key: then the registry refuses it, and the host says so. */
  #passwordOf({ data }: Resource): string {
    const secret = data[sealedSecret]
    return (typeof secret === 'string' ? this.#sealer.open(secret) : undefined) ?? ''
  }
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

function sealed(sealer: Sealer, { secretValue }: JsonObject): JsonObject {
  if (secretValue === undefined) return {}
  return { [sealedSecret]: typeof secretValue === 'string' ? sealer.seal(secretValue) : null }
}

async function registryIn(resources: ResourceStore, project: number, key: unknown): Promise<number> {
  const found = await findResource(resources, ['registry'], key)
  if (found?.owner === project && found.removed === null) return found.key
  throw refused('InvalidReference', 'registryId', 'registryId names no registry of this project')
}

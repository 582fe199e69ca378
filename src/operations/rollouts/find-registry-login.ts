import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { RegistryLogin, RegistryLogins } from '../../core/rollout.ts'
import { textOf } from './read-order.ts'

export interface RegistryLoginOptions {
  readonly resources: ResourceStore
  /** The password of a registry credential. */
  readonly secretOf: (credential: Resource) => Promise<string>
}

/** Log-ins among the project's resources: the oldest active one of the active registry (rancher-api §3.8). */
export class ManagedRegistryLogins implements RegistryLogins {
  readonly #options: RegistryLoginOptions

  constructor(options: RegistryLoginOptions) {
    this.#options = options
  }

  async find(project: number, registry: string): Promise<RegistryLogin | undefined> {
    const { resources, secretOf } = this.#options
    const found = await resources.find('registry', project, registry.toLowerCase())
    if (found?.state !== 'active') return undefined
    const [credential] = await resources.list({
      types: ['registryCredential'],
      owners: [project],
      filters: [
        { member: 'registryId', test: 'eq', value: String(found.key) },
        { column: 'state', test: 'eq', value: 'active' },
      ],
      limit: 1,
      offset: 0,
    })
    if (credential === undefined) return undefined
    const { publicValue, email } = credential.data
    const serverAddress = textOf(found.data['serverAddress']) || registry
    return {
      serverAddress,
      username: textOf(publicValue),
      email: textOf(email),
      password: await secretOf(credential),
    }
  }
}

import type { Resource } from '../../core/resource.ts'
import type { HostDoor } from '../../core/rollout.ts'
import type { ActorAuthenticator } from './authenticate-actor.ts'
import { goodToken, type HostFacts, type JoinedHost, registerHost } from './registration.ts'
import type { RuleServices } from './type-rules.ts'

/** How hosts come in: with the token of a project, then with keys of their own. */
export class ManagedHostDoor implements HostDoor {
  readonly #services: Pick<RuleServices, 'resources' | 'life'>
  readonly #authenticator: ActorAuthenticator

  constructor(services: Pick<RuleServices, 'resources' | 'life'>, authenticator: ActorAuthenticator) {
    this.#services = services
    this.#authenticator = authenticator
  }

  async register({ token, ...facts }: HostFacts & { readonly token: string }): Promise<JoinedHost> {
    return registerHost(this.#services, token, facts)
  }

  async authenticate(header: string | undefined): Promise<Resource> {
    return this.#authenticator.authenticateAgent(header)
  }

  async knows(token: string): Promise<boolean> {
    return (await goodToken(this.#services.resources, token)) !== undefined
  }
}

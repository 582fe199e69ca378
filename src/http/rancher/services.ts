import type { Actor, ResourceOperations, RolloutViews } from '../../core/managed.ts'
import type { ResourceStore } from '../../core/resource.ts'

/** Everything that the Rancher API stands on. */
export interface RancherServices {
  readonly resources: ResourceStore
  readonly operations: ResourceOperations
  readonly rollouts: RolloutViews
  /** False: everybody is the admin, whatever they send (rancher-api §1.6). */
  readonly accessControl: boolean
  /** Who an `Authorization` header belongs to: an API key of an account or a project, or a user of Deckle. Throws kind `unauthenticated`. */
  authenticate(header: string | undefined): Promise<Actor>
  /** Keys of the projects that he may act in. */
  projectsOf(actor: Actor): Promise<readonly number[]>
}

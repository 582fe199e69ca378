import type { JsonObject } from './json.ts'
import type { LifeAction } from './life-cycle.ts'
import type { Resource, ResourceType } from './resource.ts'
import type { HostPull } from './rollout.ts'

/** Who acts on managed resources. */
export interface Actor {
  /** `admin` may do everything everywhere; `user` sees his projects; `project` is inside one. */
  readonly role: 'admin' | 'user' | 'project'
  /** His account, or the project. */
  readonly account: number
  /** The project that he acts in, if he does. */
  readonly project: number | null
  readonly name: string
}

/**
 * The verbs on managed resources. Failures are `DeckleError`s of kind `invalid` with a code of rancher-api §1.12 (`MissingRequired`,
 * `NotUnique`, `ServerAddressUsed` …) and the field, `conflict` when somebody else was first, `not-found`.
 */
export interface ResourceOperations {
  /**
   * Makes a resource from checked fields (right types, defaults filled in, other resources by their keys) and begins its life. What
   * only its maker may see once, a secret key, is in `once`.
   */
  create(
    type: ResourceType,
    fields: JsonObject,
    by: Actor,
  ): Promise<{ readonly resource: Resource; readonly once?: JsonObject }>
  /** Changes checked fields. */
  update(resource: Resource, fields: JsonObject, by: Actor): Promise<Resource>
  /** Begins an action that is offered, else throws kind `invalid`, code `ActionNotAvailable`; returns it in transition. */
  act(resource: Resource, action: LifeAction, by: Actor): Promise<Resource>
}

/** What pull tasks, images and hosts show beyond their rows. */
export interface RolloutViews {
  /** Host name → `Pulling`, `Done` or the error text; null before the dispatch (rancher-api §3.7). */
  status(tasks: readonly number[]): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>>
  pulls(task: number): Promise<readonly HostPull[]>
  /** Hosts that have an image, by the image's key. */
  hostsOf(images: readonly number[]): Promise<ReadonlyMap<number, readonly number[]>>
}

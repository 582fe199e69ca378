import type { JsonObject } from './json.ts'

/** An importer or distributor of one repository, as the hooks of its plugin are told of it. */
export interface Attached<Config> {
  readonly repository: { readonly id: string }
  /** Of a distributor what the user has chosen, of an importer its type. */
  readonly id: string
  readonly config: Config
}

/**
 * Hooks around the life of an importer or distributor in a repository (pulp2-api §0.24). Each may be called again for the same
 * one, when a task dies between the call and what it was called for.
 */
export interface AttachHooks<Config> {
  /**
   * Makes ready what the plugin needs for the repository, shortly: a transaction waits. What it throws undoes the whole call: 500
   * on one that answers at once, a task in error on one that is queued. What a new one has replaced stays removed.
   */
  added?(attached: Attached<Config>): Promise<void>
  /** Undoes that; called before it is taken out. What it throws keeps it in, but not from going with its repository. */
  removed?(attached: Attached<JsonObject>): Promise<void>
}

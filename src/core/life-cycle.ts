/**
 * What a managed resource goes through (rancher-api §2.1): one state machine as data, for pull tasks, images, hosts and all others.
 * In a transitioning state a process of the server is at work; it ends in a settled one.
 */
export type LifeState =
  | 'requested'
  | 'registering'
  | 'activating'
  | 'active'
  | 'deactivating'
  | 'inactive'
  | 'updating-active'
  | 'updating-inactive'
  | 'removing'
  | 'removed'
  | 'purging'
  | 'purged'
  | 'restoring'

export type LifeAction = 'activate' | 'create' | 'deactivate' | 'purge' | 'remove' | 'restore' | 'update'

/** State in which the action is offered → state while it is done. */
type Starts = Readonly<Partial<Record<LifeState, LifeState>>>

export const lifeActions: Readonly<Record<LifeAction, Starts>> = {
  activate: { inactive: 'activating', registering: 'activating' },
  create: { requested: 'registering' },
  deactivate: {
    active: 'deactivating',
    activating: 'deactivating',
    registering: 'deactivating',
    'updating-active': 'deactivating',
    'updating-inactive': 'deactivating',
  },
  purge: { removed: 'purging' },
  remove: {
    inactive: 'removing',
    registering: 'removing',
    requested: 'removing',
    'updating-active': 'removing',
    'updating-inactive': 'removing',
  },
  restore: { removed: 'restoring' },
  update: { active: 'updating-active', inactive: 'updating-inactive' },
}

/** Transitioning state → where it leads. A created resource is activated at once. */
export const lifeEnds: Readonly<Partial<Record<LifeState, LifeState>>> = {
  registering: 'activating',
  activating: 'active',
  deactivating: 'inactive',
  'updating-active': 'active',
  'updating-inactive': 'inactive',
  removing: 'removed',
  purging: 'purged',
  restoring: 'inactive',
}

/** In alphabetical order, as they are listed. `without` are those that a type does not have (credentials: `restore`). */
export function offeredActions(state: LifeState, without: readonly LifeAction[] = []): readonly LifeAction[] {
  const all = Object.keys(lifeActions) as LifeAction[]
  return all.filter((action) => lifeActions[action][state] !== undefined && !without.includes(action)).sort()
}

export function isTransitioning(state: LifeState): boolean {
  return lifeEnds[state] !== undefined
}

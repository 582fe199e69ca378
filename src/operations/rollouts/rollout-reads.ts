import type { RolloutViews } from '../../core/managed.ts'
import type { HostImages, RolloutStore } from '../../core/rollout.ts'

/** What the stores know, as the API asks for it. */
export function rolloutViews(rollouts: RolloutStore, images: HostImages): RolloutViews {
  return {
    status: (tasks) => rollouts.status(tasks),
    pulls: (task) => rollouts.pulls(task),
    hostsOf: (keys) => images.hostsOf(keys),
  }
}

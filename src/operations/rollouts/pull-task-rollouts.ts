import { parseImageName } from '../../core/image-name.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { PullTaskWork, RolloutStore } from '../../core/rollout.ts'
import { chooseHosts } from './choose-hosts.ts'
import { readOrder } from './read-order.ts'

/** The rollout behind a pull task. Whoever has the hosts hears of it from the store. */
export class PullTaskRollouts implements PullTaskWork {
  readonly #resources: ResourceStore
  readonly #rollouts: RolloutStore

  constructor(resources: ResourceStore, rollouts: RolloutStore) {
    this.#resources = resources
    this.#rollouts = rollouts
  }

  async begin(task: Resource): Promise<void> {
    if (await this.#rollouts.isBegun(task.key)) return
    const hosts = await chooseHosts(this.#resources, task)
    const order = readOrder(task, hosts.length)
    const fault =
      parseImageName(order.image) === undefined ? `Image [${order.image}] is no name of an image` : undefined
    await this.#rollouts.begin(order, hosts, fault)
  }

  async ended(task: Resource): Promise<boolean> {
    return await this.#rollouts.isOver(task.key)
  }

  async cancel(task: Resource): Promise<void> {
    await this.#rollouts.cancel(task.key)
  }
}

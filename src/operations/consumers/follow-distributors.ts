import type { BindingFollowers } from '../../core/consumer.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import type { Fence, NewTask } from '../../core/task.ts'
import { bindTask, unbindTask } from './agent-tasks.ts'
import { payloadContext, toldDistributor } from './consumer-payload.ts'
import type { PayloadServices } from './consumer-services.ts'

/** What operations on distributors and repositories need, so that bindings follow. */
export interface FollowServices extends PayloadServices {
  readonly bindings: BindingFollowers
}

/** Tells all agents that want to know how a distributor is reached from now on. */
export async function rebindTasks(
  services: FollowServices,
  distributor: RepositoryDistributor,
): Promise<readonly NewTask[]> {
  const bindings = await services.bindings.told(distributor.repositoryId, distributor.id)
  if (bindings.length === 0) return []
  const given = await payloadContext(services, distributor.repositoryId)
  const told = toldDistributor(services.plugins, distributor, given)
  return bindings.map((binding) => bindTask(binding, told, {}))
}

/** Ends all bindings of a distributor, or of a repository, and tells the agents that want to know. */
export async function endBindings(
  services: Pick<FollowServices, 'bindings'>,
  repositoryId: string,
  distributorId: string | undefined,
  fence?: Fence,
): Promise<readonly NewTask[]> {
  const ended = await services.bindings.end(repositoryId, distributorId, fence)
  return ended.map((binding) => unbindTask(binding, {}))
}

import type { ContentAction } from '../../core/consumer.ts'
import type { Task } from '../../core/task.ts'
import { type ContentOrder, contentTask } from './agent-tasks.ts'
import type { ConsumerServices } from './consumer-services.ts'

/** Asks the agents of consumers to install, update or uninstall units; a task for each, in one transaction. */
export function requestContentAction(
  { tasks }: Pick<ConsumerServices, 'tasks'>,
  consumerIds: readonly string[],
  action: ContentAction,
  order: ContentOrder,
): Promise<readonly Task[]> {
  return tasks.enqueue(consumerIds.map((id) => contentTask(id, action, order)))
}

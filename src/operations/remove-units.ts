import { toJsonObject } from '../core/json.ts'
import type { NewTask, Task, TaskOutcome, TaskRun } from '../core/task.ts'
import type { AssociationCriteria } from '../core/unit-reader.ts'
import type { CopyServices, RequestServices } from './copy-units.ts'
import { enqueueOne } from './manage-services.ts'
import { criteriaArgument, textArgument } from './task-arguments.ts'
import { UnitsSuccessful } from './units-successful.ts'

const pageUnits = 2_000

function removeTask(repositoryId: string, criteria: AssociationCriteria): NewTask {
  return {
    operation: 'unassociate-units',
    arguments: { repository: repositoryId, criteria: toJsonObject(criteria) },
    tags: [`repository:${repositoryId}`, 'action:unassociate'],
    resources: [`repository:${repositoryId}`],
  }
}

/** Queues that units are taken out of a repository. Throws kind `not-found`. */
export async function requestRemoval(
  services: RequestServices,
  repositoryId: string,
  criteria: AssociationCriteria,
): Promise<Task> {
  await services.repositories.get(repositoryId)
  return enqueueOne(services.tasks, removeTask(repositoryId, criteria))
}

/** Takes out what the criteria select; the units stay as orphans. Result: `units_successful`, `{}` for none (pulp2-api §3.7). */
export async function removeUnits(
  { versions, units, plugins }: Omit<CopyServices, 'repositories'>,
  { task, fence, signal }: TaskRun,
): Promise<TaskOutcome> {
  const repositoryId = textArgument(task, 'repository')
  const selected = await units.select(repositoryId, criteriaArgument(task))
  if (selected.length === 0) return { result: {} }
  const removed = new UnitsSuccessful(plugins.contentTypes)
  const draft = await versions.open(repositoryId, fence)
  for (const page of selected.pages(pageUnits)) {
    signal.throwIfAborted()
    removed.add(await units.names(page), repositoryId)
    await draft.drop(page)
  }
  await draft.commit()
  return { result: removed.result() }
}

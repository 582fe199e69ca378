import type { ApplicabilityStore } from '../../core/applicability.ts'
import type { TaskOutcome, TaskRun } from '../../core/task.ts'
import { textArgument, textsArgument } from '../task-arguments.ts'
import { batchesOf, type GenerateServices, generateApplicability } from './generate-applicability.ts'

export interface RegenerateServices extends GenerateServices {
  readonly applicability: Pick<ApplicabilityStore, 'read' | 'replace' | 'repositoriesOf' | 'profilesOf'>
}

/** Makes anew what of some repositories applies to the consumers that are bound to them. */
export async function regenerateForRepositories(services: RegenerateServices, run: TaskRun): Promise<TaskOutcome> {
  for (const id of textsArgument(run.task, 'repositories')) await regenerate(services, run, id)
  return {}
}

/** Makes anew what applies to some consumers of all repositories that they are bound to. */
export async function regenerateForConsumers(services: RegenerateServices, run: TaskRun): Promise<TaskOutcome> {
  const consumers = textsArgument(run.task, 'consumers')
  for (const id of await services.applicability.repositoriesOf(consumers))
    await regenerate(services, run, id, consumers)
  return {}
}

/** The same for a few profiles in one repository. */
export async function regenerateBatch(services: RegenerateServices, run: TaskRun): Promise<TaskOutcome> {
  const repositoryId = textArgument(run.task, 'repository')
  const batch = {
    repositoryId,
    profileType: textArgument(run.task, 'type'),
    hashes: textsArgument(run.task, 'profiles'),
  }
  await generateApplicability(services, batch, run)
  return {}
}

async function regenerate(
  services: RegenerateServices,
  run: TaskRun,
  repositoryId: string,
  consumers?: readonly string[],
): Promise<void> {
  for (const { profileType } of services.plugins.profilers) {
    const all = await services.applicability.profilesOf(repositoryId, profileType, consumers)
    for (const hashes of batchesOf(all)) {
      run.signal.throwIfAborted()
      await generateApplicability(services, { repositoryId, profileType, hashes }, run)
    }
  }
}

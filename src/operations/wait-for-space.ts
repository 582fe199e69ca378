import { requireSpace, type SpaceGauge } from '../core/space.ts'
import { Postponed, type TaskOperation } from '../core/task.ts'
import type { HeldBack } from '../core/task-worker.ts'

export interface SpaceServices {
  readonly space: SpaceGauge
  /** What an error says of a full disk, that of the files or the database's; undefined for all other errors. */
  outOfSpace(error: unknown): string | undefined
}

/**
 * Operations that bring content from elsewhere. At the floor of free space nobody starts them, so that all others, which store
 * little or make room, have some left.
 */
const storesContent = ['sync-repository', 'download-repository', 'import-upload']

/** What nobody may start now for lack of space. */
export async function heldForSpace(space: SpaceGauge): Promise<HeldBack | undefined> {
  const reason = await space.shortage()
  return reason === undefined ? undefined : { operations: storesContent, reason }
}

/** A full disk ends no task: the task waits and runs again. Everything that a task does may be done again. */
export function postponable(services: SpaceServices, operation: TaskOperation): TaskOperation {
  return async (run) => {
    try {
      return await operation(run)
    } catch (error) {
      throw toPostponed(services, error)
    }
  }
}

/** An error of a full disk as what postpones the task; every other error as it is. */
export function toPostponed(services: Pick<SpaceServices, 'outOfSpace'>, error: unknown): unknown {
  const reason = services.outOfSpace(error)
  return reason === undefined ? error : new Postponed(reason, { cause: error })
}

/** Passes bytes on until space runs short, which throws what `requireSpace` throws. */
export async function* whileThereIsSpace(
  space: SpaceGauge,
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    await requireSpace(space)
    yield chunk
  }
}

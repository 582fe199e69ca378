import type { PublishRun } from '../../../core/distributor.ts'
import type { TimeSpan } from './time-span.ts'

/** A repository that is exported. */
export type ExportRun = Omit<PublishRun<unknown>, 'config' | 'scratchpad' | 'keep' | 'previous'>

export interface ExportPlan {
  /** Types that are left out. */
  readonly skip: readonly string[]
  /** With SQLite databases of the packages. */
  readonly databases: boolean
  /** Whether the index is signed with the key of this installation; an extension. */
  readonly signed: boolean
  /** Only what came to the repository in this time, with a document for each instead of metadata. */
  readonly span: TimeSpan | undefined
}

import type { ConfigShape } from './config-shape.ts'
import type { FilledFolder, PublishProgress, PublishRun } from './distributor.ts'
import type { Json, JsonObject } from './json.ts'
import type { Log } from './log.ts'
import type { WantedFolder } from './safe-folder.ts'

/** A repository of a group that is published, in the version that was the latest when the publish began. */
export type GroupMember = Pick<PublishRun<unknown>, 'repository' | 'version' | 'units' | 'read'>

export interface GroupPublishRun<Config> extends Pick<PublishRun<unknown>, 'step' | 'signer' | 'temporaryFolder'> {
  readonly group: { readonly id: string }
  /** In order of id. */
  readonly repositories: readonly GroupMember[]
  readonly config: Config
  /** What this distributor last kept; null at first. Clients see it. */
  readonly scratchpad: Json
  readonly signal: AbortSignal
  readonly log: Log
  /** Puts a value into the scratchpad when the publish has ended well. */
  keep(scratchpad: Json): void
}

/** Writes what the repositories of a group hold into a folder of this machine, for others to read. */
export interface GroupDistributor<Config = unknown> {
  /** As on the wire: `group_export_distributor`. */
  readonly id: string
  readonly displayName: string
  /** Repositories with units of other types only take part as empty ones. */
  readonly contentTypes: readonly string[]
  readonly config: ConfigShape<Config>
  folder(config: Config): WantedFolder
  /** Writes everything that the folder is to hold; it is seen when all of it is there. What the last publish wrote besides goes. */
  publish(run: GroupPublishRun<Config>, folder: FilledFolder): Promise<void>
  /** Printed in the task report under the distributor's id: an object or a list of steps. */
  describe(progress: PublishProgress): JsonObject | readonly JsonObject[]
}

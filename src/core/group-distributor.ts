import type { ConfigShape } from './config-shape.ts'
import type { PublicationAccess } from './content-access.ts'
import type { FilledFolder, GeneratedFile, OtherDistributor, PublishProgress, PublishRun } from './distributor.ts'
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

/** What a group distributor makes readable by HTTP: a publication of generated files. */
export interface GroupServing<Config> {
  /** Where it is served: an absolute path without a trailing slash. */
  basePath(config: Config, groupId: string): string
  /** On which protocols one answers that was sealed with this config, and to whom. */
  access(sealed: JsonObject): PublicationAccess
  /** Throws kind `invalid` when the config does not get along with the others; of these, `repositoryId` is a group. */
  validate(config: Config, groupId: string, others: readonly OtherDistributor[]): void
  /** The files; none when this config asks for a folder only. */
  files(run: GroupPublishRun<Config>): AsyncIterable<GeneratedFile>
}

/** Makes readable what the repositories of a group hold: in a folder of this machine, or by HTTP. */
export interface GroupDistributor<Config = unknown> {
  /** As on the wire: `group_export_distributor`. */
  readonly id: string
  readonly displayName: string
  /** Repositories with units of other types only take part as empty ones. */
  readonly contentTypes: readonly string[]
  readonly config: ConfigShape<Config>
  /** The types of which a publish takes all files with it (PLP0046); all when absent. */
  takesFiles?(config: Config): readonly string[]
  /** The folder that is to be filled; undefined when this config asks for none. */
  folder(config: Config): WantedFolder | undefined
  /** Absent from those that only fill folders. */
  readonly serving?: GroupServing<Config>
  /** Writes everything that the folder is to hold; it is seen when all of it is there. What the last publish wrote besides goes. */
  publish(run: GroupPublishRun<Config>, folder: FilledFolder): Promise<void>
  /** Printed in the task report under the distributor's id: an object or a list of steps. */
  describe(progress: PublishProgress): JsonObject | readonly JsonObject[]
}

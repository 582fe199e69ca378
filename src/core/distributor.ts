import type { AttachHooks } from './attached.ts'
import type { ConfigShape } from './config-shape.ts'
import type { PublicationAccess } from './content-access.ts'
import type { Json, JsonObject } from './json.ts'
import type { Layout } from './layout.ts'
import type { Log } from './log.ts'
import type { MetadataSigner } from './metadata-signer.ts'
import type { StoredUnitFile, UnitQuery, UnitWithDocuments } from './repository-version.ts'
import type { SafeFolder, WantedFolder } from './safe-folder.ts'
import type { PreviousSegments, SegmentedFiles } from './segment.ts'
import type { ServerAddresses } from './server-addresses.ts'
import type { PartState } from './sync-progress.ts'

/** A file that a publish makes. Its bytes are streamed into the blob store, once. */
export interface GeneratedFile {
  /** Relative path in the publication; or what makes it of the bytes once they are stored, for names that hold a checksum. */
  readonly path: string | ((stored: { readonly sha256: string; readonly size: number }) => string)
  readonly mediaType: string
  readonly body: AsyncIterable<Uint8Array>
  /** Called with what was stored, before the next file is asked for: later files may name it (repomd.xml does). */
  stored?(file: { sha256: string; size: number }): void
}

export interface PublishRun<Config> {
  readonly repository: { readonly id: string }
  readonly version: {
    readonly number: number
    readonly created: Date
    readonly counts: Readonly<Record<string, number>>
  }
  readonly config: Config
  /** What this distributor last kept; `{}` at first. Clients see it. */
  readonly scratchpad: Json
  readonly signal: AbortSignal
  readonly log: Log
  /** For metadata that is to be signed. */
  readonly signer: MetadataSigner
  /** Puts a value into the scratchpad when the publication becomes live. */
  keep(scratchpad: Json): void
  /** Units of the version that is published. */
  units(
    query: Pick<UnitQuery, 'types' | 'order' | 'fields' | 'documents' | 'files' | 'differsFrom' | 'associated'>,
  ): AsyncIterable<UnitWithDocuments>
  /** The bytes of a file of a unit. Throws kind `conflict` when they are not stored. */
  read(file: StoredUnitFile): AsyncIterable<Uint8Array>
  /** Segments that the live publication of this distributor has, if they are of this form. */
  previous(set: string, form: string): Promise<PreviousSegments | undefined>
  /** Path of a new folder that goes with the run, for programs and libraries that open files by their names. */
  temporaryFolder(): Promise<string>
  /** Enters a step of the publish in the report, with how far it got. */
  step(name: string, state: PartState, counts?: { total: number; done: number }): void
}

/** A folder that also takes what the code of a distributor makes. A path may be written once: a second file at it throws kind `conflict`. */
export interface FilledFolder extends SafeFolder {
  /** Writes the files below `folder` (`''` or ending in a slash). */
  make(folder: string, made: GeneratedFile | SegmentedFiles): Promise<void>
}

/** Writes what a publication holds into a folder of this machine, before the publication becomes live. */
export interface Delivery<Config> {
  /** The folder that is to be filled; undefined when this config asks for none. */
  folder(config: Config): WantedFolder | undefined
  /** Writes everything that the folder is to hold. Whatever the last delivery wrote and this one does not, goes. */
  deliver(run: PublishRun<Config>, folder: FilledFolder): Promise<void>
}

/** How far a publish is; `describe` prints it as the plugin's clients expect. */
export interface PublishProgress {
  readonly state: 'running' | 'finished' | 'failed' | 'cancelled'
  /** In the order in which the run entered them. */
  readonly steps: readonly {
    readonly name: string
    /** Constant while the step runs. */
    readonly id: string
    readonly state: PartState
    readonly total: number
    readonly done: number
    readonly entered: Readonly<Partial<Record<PartState, Date>>>
  }[]
  readonly error?: string
}

export interface PublishDescription {
  /** Printed in the task report under the distributor's id: an object or a list of steps. */
  readonly report: JsonObject | readonly JsonObject[]
  /** Of the history entry; whatever the plugin's clients expect, a text too. */
  readonly summary: Json
  readonly details: Json
}

/** Another distributor of the same type, for rules that look across repositories. */
export interface OtherDistributor {
  readonly repositoryId: string
  readonly id: string
  readonly config: JsonObject
}

/** What a distributor's payload for consumers is made of, besides its config. */
export interface PayloadContext {
  readonly repository: { readonly id: string; readonly displayName: string | null }
  readonly addresses: ServerAddresses
}

/**
 * What it takes to let a publication have the generated files of another one that shows equal content, of the same repository or of
 * another. A distributor that has it makes the same files of the same content, whatever the repository is called.
 */
export interface FileSharing {
  /** Keys of the config that say where and for whom a publication is served, and nothing of its generated files. */
  readonly placeKeys: readonly string[]
  /**
   * Generated files that tell their age: path → how to let them tell another one. They are made anew where clients have seen younger
   * ones, since some take no index that is older than theirs.
   */
  readonly dated?: Readonly<Record<string, (bytes: Uint8Array, date: Date) => Uint8Array>>
  /** Generated files that vouch for a dated one, which `of` names: they are made anew with it, where they are there. */
  readonly signed?: Readonly<Record<string, SignedFile>>
}

export interface SignedFile {
  /** Path of a dated file. */
  readonly of: string
  make(signer: MetadataSigner, dated: Uint8Array): Promise<string>
}

/** Makes repositories readable by one kind of client. Values in, values out, like importers. */
export interface Distributor<Config = unknown> extends AttachHooks<Config> {
  /** As on the wire: `yum_distributor`. */
  readonly id: string
  readonly displayName: string
  readonly contentTypes: readonly string[]
  readonly config: ConfigShape<Config>
  /** Throws kind `invalid` when the config does not get along with the others. */
  validate?(config: Config, repositoryId: string, others: readonly OtherDistributor[]): void
  /** Where the publication is served: an absolute path without a trailing slash, `/pulp/repos/zoo`. */
  basePath(config: Config, repositoryId: string): string
  /** The layout that new publications of this config get; one of `layouts`. */
  layout(config: Config): string
  /**
   * On which protocols a publication answers that was sealed with this config, and to whom; on both and to everybody when absent. The
   * config may be one of long ago that `config.parse` takes no more.
   */
  access?(sealed: JsonObject): PublicationAccess
  /** All layouts that sealed publications may name. */
  readonly layouts: Readonly<Record<string, Layout>>
  publish(run: PublishRun<Config>): AsyncIterable<GeneratedFile | SegmentedFiles>
  readonly delivery?: Delivery<Config>
  /** The types of which a publish takes all files with it, so that it is refused (PLP0045) while some are not stored. */
  takesFiles?(config: Config): readonly string[]
  /** Without it every publication makes its files. */
  readonly sharing?: FileSharing
  /** What a bound consumer is told (pulp2-types §5.9): `{}` when absent. */
  consumerPayload?(config: Config, given: PayloadContext): JsonObject
  describe(progress: PublishProgress): PublishDescription
}

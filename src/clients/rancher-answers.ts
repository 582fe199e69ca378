import type { RancherResource } from '../wire/rancher/resource.ts'

/** The parts of the Rancher API's answers that Deckle's own clients read (rancher-api §3.2, §4). */

type Named = RancherResource & { readonly name: string | null; readonly state: string }

export type ProjectReport = Named

export type HostReport = Named & {
  readonly hostname: string | null
  readonly agentState: string | null
  readonly labels: Readonly<Record<string, string>> | null
}

export type ImageReport = Named & { readonly created: string | null }

export type PullTaskReport = Named & {
  readonly image: string
  /** `yes` until its last host has ended. */
  readonly transitioning: string
  readonly transitioningMessage: string | null
  readonly transitioningProgress: number | null
  /** Host → `Pulling`, `Done` or why not; null until the hosts are chosen. */
  readonly status: Readonly<Record<string, string>> | null
}

export type PhaseOfPull = 'waiting' | 'pulling' | 'done' | 'failed' | 'cancelled'

/** One host's part of a pull task. */
export type HostPullReport = RancherResource & {
  readonly hostName: string | null
  readonly phase: PhaseOfPull
  readonly bytes: number | null
  readonly totalBytes: number | null
  readonly error: string | null
}

/** What a new pull task asks for; labels are conditions on hosts (rancher-api §3.6). */
export interface NewPullTask {
  readonly image: string
  readonly mode?: string
  readonly labels?: Readonly<Record<string, string>>
}

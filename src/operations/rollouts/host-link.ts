import type { ImageName } from '../../core/image-name.ts'
import type { Json } from '../../core/json.ts'
import type { PullAttempt, PullOrder, RegistryLogin } from '../../core/rollout.ts'

/** A pull as it is sent to a host. */
export interface PullCommand {
  readonly order: PullOrder
  readonly image: ImageName
  readonly login?: RegistryLogin
}

/** The connection to the agent of a host, of this process. */
export interface HostLink {
  /** False when it cannot be sent: the connection is going. */
  pull(command: PullCommand): boolean
  cancel(pull: number): void
  /** The end of this attempt is stored, or nobody waits for it. */
  acknowledge(attempt: PullAttempt): void
  close(reason: string): void
}

/** What an agent says when it connects. */
export interface HostGreeting {
  readonly hostname: string
  readonly name?: string
  readonly labels: Readonly<Record<string, string>>
  readonly info: Readonly<Record<string, Json>>
  readonly pulls: readonly PullAttempt[]
}

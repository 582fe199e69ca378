import type { RancherObject } from './resource.ts'

/** The body of every answer that is no success (rancher-api §1.13). */
export interface RancherErrorBody extends RancherObject {
  readonly id: string
  readonly type: 'error'
  readonly links: RancherObject
  readonly actions: RancherObject
  /** As in the status line. */
  readonly status: number
  readonly code: string
  /** The code of plain HTTP errors; null where the code and the field say all. */
  readonly message: string | null
  /** A sentence for people. */
  readonly detail: string | null
}

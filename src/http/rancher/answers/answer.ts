import type { RancherObject } from '../../../wire/rancher/resource.ts'

/** What a request is answered with, before it is JSON or a page. */
export interface Answer {
  readonly status: number
  readonly body: RancherObject
  readonly headers?: Readonly<Record<string, string>>
}

export function ok(body: RancherObject): Answer {
  return { status: 200, body }
}

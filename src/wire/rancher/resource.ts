/** Any JSON. */
export type RancherValue = string | number | boolean | null | readonly RancherValue[] | RancherObject
export interface RancherObject {
  readonly [key: string]: RancherValue
}

/** Every single thing of the Rancher API: links and actions by their names, absolute URLs, and the fields of its schema (rancher-api §1.9). */
export interface RancherResource extends RancherObject {
  /** `1pt5`; of schemas their name. */
  readonly id: string
  readonly type: string
  readonly links: Readonly<Record<string, string>>
  readonly actions: Readonly<Record<string, string>>
}

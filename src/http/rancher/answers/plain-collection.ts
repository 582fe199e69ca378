import type { RancherCollection } from '../../../wire/rancher/collection.ts'
import type { RancherResource } from '../../../wire/rancher/resource.ts'

/** A collection without pages, filters and order: versions, schemas, what a link leads to (rancher-api §1.1, §1.11). */
export function plainCollection(
  resourceType: string,
  links: { readonly self: string; readonly latest?: string },
  data: readonly RancherResource[],
): RancherCollection {
  const nothing = { sortLinks: {}, pagination: null, sort: null, filters: {}, createDefaults: {} }
  return { type: 'collection', resourceType, links: { ...links }, createTypes: {}, actions: {}, data, ...nothing }
}

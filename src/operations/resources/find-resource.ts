import { DeckleError } from '../../core/errors.ts'
import type { Resource, ResourceStore, ResourceType } from '../../core/resource.ts'

/** Undefined where there is none of these types under the key, which may be anything. */
export async function findResource(
  resources: ResourceStore,
  types: readonly ResourceType[],
  key: unknown,
): Promise<Resource | undefined> {
  if (typeof key !== 'number' || !Number.isSafeInteger(key)) return undefined
  try {
    return await resources.get(types, key)
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'not-found') return undefined
    throw error
  }
}

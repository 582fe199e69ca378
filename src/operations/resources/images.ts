import { DeckleError } from '../../core/errors.ts'
import type { Resource } from '../../core/resource.ts'
import type { RuleServices } from './type-rules.ts'

/**
 * The image of that full name in a project, made at the first pull or report of a host (rancher-api §4.1). One that somebody has
 * deactivated or removed stays so; only when it is purged, a further report makes a new one (§7).
 */
export async function rememberImage(
  { resources, life }: Pick<RuleServices, 'resources' | 'life'>,
  project: number,
  fullName: string,
): Promise<Resource> {
  const known = (await resources.find('image', project, fullName)) ?? (await removedImage(resources, project, fullName))
  if (known !== undefined) return known
  try {
    const row = {
      type: 'image',
      owner: project,
      name: fullName,
      identity: fullName,
      state: 'registering',
      data: {},
    } as const
    const image = await resources.create(row)
    life.begin(image)
    return image
  } catch (error) {
    const other = await resources.find('image', project, fullName)
    if (error instanceof DeckleError && error.kind === 'conflict' && other !== undefined) return other
    throw error
  }
}

/** Removed a while ago, it may still be restored. */
async function removedImage(
  resources: RuleServices['resources'],
  project: number,
  fullName: string,
): Promise<Resource | undefined> {
  const filters = [
    { column: 'identity', test: 'eq', value: fullName },
    { column: 'state', test: 'ne', value: 'purged' },
  ] as const
  const query = { types: ['image'], owners: [project], filters, limit: 1, offset: 0, removed: true } as const
  return (await resources.list(query))[0]
}

import type { PublishRun } from '../../../core/distributor.ts'
import { DeckleError } from '../../../core/errors.ts'
import { distributionType } from './distribution-unit.ts'

/**
 * How many kickstart trees a version has: none or one. Throws kind `conflict` for more: each has a treeinfo, and there is one place
 * for it (pulp2-types §5.9).
 */
export function requireOneTree({ repository, version }: Pick<PublishRun<unknown>, 'repository' | 'version'>): number {
  const trees = version.counts[distributionType.id] ?? 0
  if (trees <= 1) return trees
  const message = `the repository ${repository.id} has ${trees} distributions and can be published with one only`
  throw new DeckleError('conflict', `${message}; remove the others`)
}

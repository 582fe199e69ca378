import { DeckleError } from '../../core/errors.ts'
import type { Permission } from '../../core/permission.ts'

/** First words below `/v2/consumers/` that are calls and no consumers, whatever somebody names theirs. */
const calls = new Set(['actions', 'binding', 'profile', 'search'])

/**
 * Throws kind `forbidden` unless the resource is the consumer's own, or one of the repositories, which he may read (pulp2-api §1.5).
 */
export function admitConsumer(id: string, wanted: readonly Permission[], resource: string): void {
  if (!calls.has(id) && resource.startsWith(`/v2/consumers/${id}/`)) return
  if (wanted.includes('read') && resource.startsWith('/v2/repositories/')) return
  const operation = wanted.join(' or ').toUpperCase()
  throw new DeckleError('forbidden', `Consumer ${id} may not ${operation} ${resource}`, {
    data: { user: id, operation },
  })
}

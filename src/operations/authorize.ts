import { DeckleError } from '../core/errors.ts'
import { type GrantStore, levelsOf, type Permission } from '../core/permission.ts'
import { superUsers, type User } from '../core/user.ts'

/**
 * Throws kind `forbidden` unless the user may do one of `wanted` to the resource: a grant on it, or on anything above it, allows;
 * nothing denies; super-users may do everything (pulp2-api §1.6). It is looked up each time, so what was revoked is gone at once.
 */
export async function authorize(
  grants: Pick<GrantStore, 'permits'>,
  user: User,
  wanted: readonly Permission[],
  resource: string,
): Promise<void> {
  if (user.roles.includes(superUsers)) return
  if (await grants.permits(user.key, levelsOf(resource), wanted)) return
  const operation = wanted.join(' or ').toUpperCase()
  throw new DeckleError('forbidden', `User ${user.login} may not ${operation} ${resource}`, {
    data: { user: user.login, operation },
  })
}

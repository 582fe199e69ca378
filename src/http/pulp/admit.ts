import { DeckleError } from '../../core/errors.ts'
import type { Permission } from '../../core/permission.ts'
import { superUsers, type User } from '../../core/user.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

/**
 * Who is calling, and whether they may do this here (pulp2-api §1.5, §1.6). Members of `super-users` may do everything, nobody
 * else may do anything yet.
 */
export async function admit(
  services: Pick<PulpServices, 'authenticate'>,
  authorization: string | undefined,
  wanted: readonly Permission[],
  path: string,
): Promise<User> {
  const user = await services.authenticate(authorization)
  if (user.roles.includes(superUsers)) return user
  const operation = wanted.join(' or ').toUpperCase()
  const resource = `/v2/${path.slice(root.length)}`
  throw new DeckleError('forbidden', `User ${user.login} may not ${operation} ${resource}`, {
    data: { user: user.login, operation },
  })
}

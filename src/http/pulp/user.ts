import type { User } from '../../core/user.ts'
import type { PulpUser } from '../../wire/pulp/user.ts'
import { hrefs } from './hrefs.ts'
import { objectId } from './object-id.ts'

/** pulp2-api §12. */
export function toPulpUser(user: User): PulpUser {
  return {
    _id: { $oid: objectId('user', user.created, user.key) },
    _ns: 'users',
    _href: hrefs.user(user.login),
    login: user.login,
    name: user.name,
    roles: [...user.roles],
  }
}

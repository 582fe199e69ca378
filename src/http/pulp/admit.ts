import type { Permission } from '../../core/permission.ts'
import type { User } from '../../core/user.ts'
import { authorize } from '../../operations/authorize.ts'
import { toResource } from './resource.ts'
import type { PulpServices } from './services.ts'

/** Who is calling; throws unless they may do one of `wanted` here (pulp2-api §1.5, §1.6). */
export async function admit(
  services: Pick<PulpServices, 'authenticate' | 'grants'>,
  authorization: string | undefined,
  wanted: readonly Permission[],
  path: string,
): Promise<User> {
  const user = await services.authenticate(authorization)
  await authorize(services.grants, user, wanted, toResource(path))
  return user
}

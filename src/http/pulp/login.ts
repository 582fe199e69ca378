import type { Call } from '../kit/call.ts'
import { ok, type Route } from '../kit/route.ts'
import { root } from './hrefs.ts'
import { objectId } from './object-id.ts'
import type { PulpServices } from './services.ts'

/** `POST /actions/login/` (pulp2-api §12). */
export function loginRoutes({ authority }: PulpServices): readonly Route[] {
  return [
    {
      method: 'POST',
      path: `${root}actions/login/`,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpLogin' },
      doc: 'Gives the caller a key and a certificate that prove who they are for seven days, where TLS is on.',
      handler: async (call) => ok(await authority.issue(subjectOf(call))),
    },
  ]
}

function subjectOf({ user }: Call) {
  if (user === undefined) throw new RangeError('only users log in')
  return { kind: 'user', login: user.login, id: objectId('user', user.created, user.key) } as const
}

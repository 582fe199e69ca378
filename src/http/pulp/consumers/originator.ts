import type { Call } from '../../kit/call.ts'

/** Who the history of consumers says did it: a user, or the consumer itself by its certificate. */
export function originatorOf(call: Call): string {
  return call.user?.login ?? call.param('consumer')
}

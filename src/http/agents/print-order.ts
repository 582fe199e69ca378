import type { PullCommand } from '../../operations/rollouts/host-link.ts'
import type { ServerMessage } from '../../wire/agent/messages.ts'

/** A pull as the agent is told it. */
export function printOrder({ order, image, login }: PullCommand): ServerMessage {
  return {
    kind: 'pull',
    pull: order.pull,
    attempt: order.attempt,
    repository: image.repository,
    tag: image.tag,
    digest: image.digest,
    onlyIfPresent: order.mode === 'cached',
    onlyIfAbsent: order.pullPolicy === 'IfNotPresent',
    timeoutSeconds: order.timeoutSeconds,
    ...(login !== undefined && { credential: login }),
  }
}

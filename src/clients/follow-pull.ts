import { setTimeout as sleep } from 'node:timers/promises'
import { type Patience, patiently } from './patiently.ts'
import type { HostPullReport, PullTaskReport } from './rancher-answers.ts'
import type { RancherClient } from './rancher-client.ts'

export interface FollowPullOptions extends Patience {
  readonly watch?: (task: PullTaskReport, hosts: readonly HostPullReport[]) => void
  readonly signal?: AbortSignal
}

export interface FollowedPull {
  readonly task: PullTaskReport
  readonly hosts: readonly HostPullReport[]
}

/**
 * Waits until the last host of a pull task has ended. Does not throw for hosts that failed. Throws UnreachableError when the server
 * stays away, ServerError when it refuses, the reason of `signal` when that aborts.
 */
export async function followPull(
  client: RancherClient,
  begun: PullTaskReport,
  options: FollowPullOptions = {},
): Promise<FollowedPull> {
  let pause = options.interval ?? 100
  for (;;) {
    const before = performance.now()
    const seen = await patiently(() => look(client, begun), options)
    options.watch?.(seen.task, seen.hosts)
    if (seen.task.transitioning !== 'yes') return seen
    // Many hosts are many pages: nobody shall keep the server busy by looking.
    await sleep(Math.max(pause, performance.now() - before), undefined, pausing(options.signal))
    if (options.interval === undefined) pause = Math.min(pause * 1.2, 500)
  }
}

/** The task first: hosts that are read after its end have ended too. */
async function look(client: RancherClient, begun: PullTaskReport): Promise<FollowedPull> {
  const task = await client.reload(begun)
  return { task, hosts: await client.hostPulls(task) }
}

function pausing(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

import type { HostPull } from '../../../core/rollout.ts'
import type { RancherResource } from '../../../wire/rancher/resource.ts'
import type { View } from '../schema/view.ts'
import { formatDate } from './dates.ts'
import { formatId } from './ids.ts'

/** One host's part of a pull task, under its link `hostPulls`. */
export function printHostPull(pull: HostPull, view: View): RancherResource {
  const id = formatId('hostPull', pull.key, view)
  const pullTaskId = formatId('pullTask', pull.task, view)
  const hostId = formatId('host', pull.host, view)
  const task = view.urls.of('pulltasks', pullTaskId)
  return {
    id,
    type: 'hostPull',
    links: { self: `${task}/hostpulls/${id}`, host: view.urls.of('hosts', hostId), pullTask: task },
    actions: {},
    baseType: 'hostPull',
    attempt: pull.attempt,
    bytes: pull.bytes,
    digest: pull.digest,
    ...dated('ended', pull.ended),
    error: pull.error,
    hostId,
    hostName: pull.hostName,
    layers: pull.layers.map((layer) => ({ ...layer })),
    phase: pull.phase,
    pullTaskId,
    ...dated('started', pull.started),
    totalBytes: pull.totalBytes,
  }
}

function dated(name: string, date: Date | null) {
  return { [name]: formatDate(date), ...(date !== null && { [`${name}TS`]: date.getTime() }) }
}

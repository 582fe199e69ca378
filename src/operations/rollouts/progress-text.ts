import type { RolloutProgress } from '../../core/rollout.ts'

/** `Pulling busybox on host1 (3.1 of 7.2 MB), 2 of 10 hosts are done`; begins as in rancher-api §3.7. */
export function progressText({ image, hosts, endedHosts, current }: RolloutProgress): string {
  const all = hosts > 1 ? `${endedHosts} of ${hosts} hosts are done` : undefined
  const pulling = current === null ? `Pulling ${image}` : `Pulling ${image} on ${current.name}${bytesText(current)}`
  return all === undefined ? pulling : `${pulling}, ${all}`
}

function bytesText({ bytes, totalBytes }: NonNullable<RolloutProgress['current']>): string {
  if (bytes === null) return ''
  return totalBytes === null ? ` (${megabytes(bytes)} MB)` : ` (${megabytes(bytes)} of ${megabytes(totalBytes)} MB)`
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

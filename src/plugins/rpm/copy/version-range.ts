import { compareVersions, type Evr } from '../rpm-version.ts'

/** Which versions: bits of `senses` and the one that they are compared with. No sense, or no version, means all of them. */
export interface VersionRange {
  readonly sense: number
  readonly evr: Evr
}

const [equal, less, greater] = [1, 2, 4]

/** By what repodata calls a comparison. */
export const senses: Readonly<Record<string, number>> = {
  EQ: equal,
  LT: less,
  LE: less | equal,
  GT: greater,
  GE: greater | equal,
}

/** Whether a version lies in both, as rpm has it: where one names no release, all releases of its version are meant. */
export function overlap(one: VersionRange, two: VersionRange): boolean {
  if (one.sense === 0 || two.sense === 0 || one.evr.version === '' || two.evr.version === '') return true
  const order = orderOf(one.evr, two.evr)
  if (order !== 0) return reaches(one.sense, two.sense, order)
  const [release, other] = [one.evr.release, two.evr.release]
  if (release !== '' && other !== '') return reaches(one.sense, two.sense, compareVersions(release, other))
  if (release !== '' && (two.sense & equal) !== 0) return true
  if (other !== '' && (one.sense & equal) !== 0) return true
  return reaches(one.sense, two.sense, 0)
}

function orderOf(one: Evr, two: Evr): number {
  return Number(one.epoch) - Number(two.epoch) || compareVersions(one.version, two.version)
}

/** `order` is that of the versions that they name. */
function reaches(sense: number, other: number, order: number): boolean {
  if (order < 0) return (sense & greater) !== 0 || (other & less) !== 0
  if (order > 0) return (sense & less) !== 0 || (other & greater) !== 0
  return (sense & other) !== 0
}

/** `epoch:version-release`, epoch and release optional; an epoch that is no number counts as 0. */
export function parseEvr(text: string): Evr {
  const colon = text.indexOf(':')
  const epoch = colon === -1 ? '0' : text.slice(0, colon)
  const rest = text.slice(colon + 1)
  const dash = rest.lastIndexOf('-')
  const [version, release] = dash === -1 ? [rest, ''] : [rest.slice(0, dash), rest.slice(dash + 1)]
  return { epoch: /^\d+$/.test(epoch) ? epoch : '0', version, release }
}

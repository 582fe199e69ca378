import { splitTarget } from '../../kit/request-target.ts'

export const versions = ['v1', 'v2-beta'] as const
export type Version = (typeof versions)[number]
export const latestVersion: Version = 'v2-beta'

/** Where a request goes, taken apart. */
export interface TargetPath {
  /** `GET /`, which lists the versions. */
  readonly isRoot: boolean
  readonly version: Version
  /** The id in the prefix, as written. */
  readonly project?: string
  /** Below version and prefix: type, id, link, id in the link. */
  readonly segments: readonly string[]
}

/** Undefined for what is not ours. Repeated slashes count as one, a last one does not count (rancher-api §1.1). */
export function readPath(target: string): TargetPath | undefined {
  const [version, ...segments] = splitTarget(target)[0]
    .split('/')
    .filter((part) => part !== '')
  if (version === undefined)
    return target.startsWith('/') ? { isRoot: true, version: latestVersion, segments } : undefined
  const known = versions.find((one) => one === version)
  if (known === undefined) return undefined
  return { isRoot: false, version: known, ...splitProject(segments.map(decode)) }
}

/** The prefix is one only when something follows the id that is no link of the project itself. */
function splitProject(segments: readonly string[]): Pick<TargetPath, 'project' | 'segments'> {
  const [type = '', id, next, ...rest] = segments
  const isProject = ['project', 'projects'].includes(type.toLowerCase())
  if (!isProject || id === undefined || next === undefined) return { segments }
  if (next.toLowerCase() === 'projectmembers') return { segments }
  return { project: id, segments: [next, ...rest] }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

import { parseImageName } from '../../core/image-name.ts'
import { isTransitioning } from '../../core/life-cycle.ts'
import type { Resource, ResourceStore } from '../../core/resource.ts'
import type { EndedPulls, HostImages } from '../../core/rollout.ts'

export interface RefreshImagesOptions {
  readonly resources: ResourceStore
  readonly hostImages: HostImages
  /** The image of that name in the project, made if it is new. */
  readonly rememberImage: (project: number, fullName: string) => Promise<Resource>
  /** Goes on with a transition that was begun. */
  readonly settle: (key: number) => Promise<void>
}

interface Found {
  readonly project: number
  readonly name: string
  readonly hosts: number[]
}

/** Makes or refreshes the image of each full name that was pulled, one row for a project (rancher-api §4.1, §7). */
export async function refreshImages(options: RefreshImagesOptions, pulled: EndedPulls['pulled']): Promise<void> {
  const all = byName(pulled)
  if (all.length === 0) return
  await options.hostImages.add(all.flatMap(({ name, hosts }) => hosts.map((host) => ({ host, name }))))
  for (const found of all) await refresh(options, found)
}

async function refresh(options: RefreshImagesOptions, { project, name }: Found): Promise<void> {
  const { key, state } = await options.rememberImage(project, name)
  if (isTransitioning(state)) await options.settle(key)
  // Whoever watches it hears that it has changed.
  else await options.resources.change(key, ['active'], { data: { pulled: new Date().toISOString() } })
}

function byName(pulled: EndedPulls['pulled']): readonly Found[] {
  const found = new Map<string, Found>()
  for (const { project, image, host } of pulled) {
    const name = parseImageName(image)?.fullName
    if (name === undefined) continue
    const entry = found.get(`${project}/${name}`) ?? { project, name, hosts: [] }
    found.set(`${project}/${name}`, entry)
    entry.hosts.push(host)
  }
  return [...found.values()]
}

import { DeckleError } from '../../core/errors.ts'
import { parseImageName } from '../../core/image-name.ts'
import type { ResourceStore } from '../../core/resource.ts'
import type { EndedPulls, HostImages } from '../../core/rollout.ts'

export interface RefreshImagesOptions {
  readonly resources: ResourceStore
  readonly hostImages: HostImages
  /** Goes on with a transition that was begun. */
  readonly settle: (key: number) => Promise<void>
}

interface Found {
  readonly project: number
  readonly name: string
  readonly hosts: number[]
}

/**
 * Makes or refreshes the image of each full name that was pulled, one row for a project (rancher-api §4.1, §7). One that is inactive
 * stays so; one that was removed or purged is not looked at, the next is another row.
 */
export async function refreshImages(options: RefreshImagesOptions, pulled: EndedPulls['pulled']): Promise<void> {
  const all = byName(pulled)
  if (all.length === 0) return
  await options.hostImages.add(all.flatMap(({ name, hosts }) => hosts.map((host) => ({ host, name }))))
  for (const found of all) await refresh(options, found)
}

async function refresh({ resources, settle }: RefreshImagesOptions, { project, name }: Found): Promise<void> {
  const known = await resources.find('image', project, name)
  if (known !== undefined) {
    await resources.change(known.key, [known.state], { data: { pulled: new Date().toISOString() } })
    return
  }
  try {
    const data = { pulled: new Date().toISOString() }
    const image = { type: 'image', owner: project, name, identity: name, state: 'registering', data } as const
    await settle((await resources.create(image)).key)
  } catch (error) {
    // Another process has made it in this moment.
    if (!(error instanceof DeckleError && error.kind === 'conflict')) throw error
  }
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

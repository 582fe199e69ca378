import type { Command } from 'commander'
import type { HostReport, ImageReport } from '../clients/rancher-answers.ts'
import { addJson, type Connect } from './options.ts'
import { addProject, openProject } from './project-choice.ts'
import type { Session } from './surroundings.ts'
import { formatTable } from './table.ts'

interface Options {
  readonly json?: boolean
  readonly project?: string
}

/** An image and the hosts that have it. */
interface ImageOnHosts {
  readonly image: ImageReport
  readonly hosts: readonly HostReport[]
}

export function addImageCommands(program: Command, connect: Connect): void {
  const image = program.command('image').description('look at the images that hosts have pulled')
  const list = image.command('list').description('list the images of a project and the hosts that have them')
  addJson(addProject(list)).action((options: Options) => listImages(connect(), options))
}

async function listImages(session: Session, options: Options): Promise<void> {
  const client = await openProject(session, options.project)
  const images = await client.images()
  if (options.json) return session.terminal.print(JSON.stringify(images, null, 2))
  const found: ImageOnHosts[] = []
  for (const image of images) found.push({ image, hosts: await client.linked<HostReport>(image, 'hosts') })
  session.terminal.print(imageTable(found))
}

export function imageTable(images: readonly ImageOnHosts[]): string {
  if (images.length === 0) return 'no images'
  const rows = images.map(({ image, hosts }) => [image.id, image.name ?? '', image.state, namesOf(hosts)])
  return formatTable(['ID', 'NAME', 'STATE', 'HOSTS'], rows)
}

/** The first few; a fleet would fill the screen. */
function namesOf(hosts: readonly HostReport[]): string {
  const names = hosts.map(({ id, name, hostname }) => name ?? hostname ?? id)
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}

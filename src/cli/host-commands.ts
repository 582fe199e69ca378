import type { Command } from 'commander'
import type { HostReport } from '../clients/rancher-answers.ts'
import { addJson, type Connect } from './options.ts'
import { addProject, openProject } from './project-choice.ts'
import type { Session } from './surroundings.ts'
import { formatTable } from './table.ts'

interface Options {
  readonly json?: boolean
  readonly project?: string
}

export function addHostCommands(program: Command, connect: Connect): void {
  const host = program.command('host').description('look at the hosts that images are pulled on')
  const list = host.command('list').description('list the hosts of a project')
  addJson(addProject(list)).action((options: Options) => listHosts(connect(), options))
}

async function listHosts(session: Session, options: Options): Promise<void> {
  const client = await openProject(session, options.project)
  const hosts = await client.hosts()
  session.terminal.print(options.json ? JSON.stringify(hosts, null, 2) : hostTable(hosts))
}

export function hostTable(hosts: readonly HostReport[]): string {
  if (hosts.length === 0) return 'no hosts'
  const rows = hosts.map((host) => [
    host.id,
    host.name ?? host.hostname ?? '',
    host.state,
    host.agentState ?? '',
    Object.entries(host.labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  ])
  return formatTable(['ID', 'NAME', 'STATE', 'AGENT', 'LABELS'], rows)
}

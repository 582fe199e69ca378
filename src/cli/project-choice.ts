import type { Command } from 'commander'
import type { ProjectReport } from '../clients/rancher-answers.ts'
import { RancherClient } from '../clients/rancher-client.ts'
import { CliError } from './cli-error.ts'
import type { Session } from './surroundings.ts'

export function addProject(command: Command): Command {
  return command.option('--project <id>', 'id or name of the project (default: the oldest one)')
}

/** A client inside the project that was named, else the first one. Throws CliError where there is none. */
export function openProject(session: Session, wanted: string | undefined): Promise<RancherClient> {
  return RancherClient.open(session.client.connection, (projects) => chooseProject(projects, wanted))
}

export function chooseProject(projects: readonly ProjectReport[], wanted: string | undefined): ProjectReport {
  const found =
    wanted === undefined
      ? projects.find(({ state }) => state === 'active')
      : projects.find(({ id, name }) => id === wanted || name === wanted)
  if (found !== undefined) return found
  const names = projects.map(({ id, name }) => (name === null ? id : `${name} (${id})`)).join(', ')
  throw new CliError(`no project ${wanted ?? 'is active'}; there are: ${names || 'none'}`)
}

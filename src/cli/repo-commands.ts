import type { Command } from 'commander'
import type { CallReport, RepositoryDetails, TaskReport } from '../clients/pulp-answers.ts'
import { CliError } from './cli-error.ts'
import { publishedUrl } from './client-configuration.ts'
import { downloadOutcomeOf, reportDownload } from './download-outcome.ts'
import { addJson, type Connect } from './options.ts'
import { reportOutcome } from './report-outcome.ts'
import { describeRepository, repositoryTable } from './repository-text.ts'
import { runTasks } from './run-tasks.ts'
import type { Session } from './surroundings.ts'
import { outcomeOf } from './sync-outcome.ts'
import { addUnitCommands } from './unit-commands.ts'
import { addUploadCommand } from './upload-command.ts'
import { addVersionCommands } from './version-commands.ts'

interface Options {
  readonly json?: boolean
  readonly distributor?: string
  readonly verify?: boolean
}

export function addRepoCommands(program: Command, connect: Connect): void {
  const repo = program.command('repo').description('look at repositories and work on them')
  addJson(repo.command('list').description('list the repositories')).action((options: Options) =>
    list(connect(), options),
  )
  addJson(repo.command('show <id>').description('show one repository')).action((id: string, options: Options) =>
    show(connect(), id, options),
  )
  addJson(repo.command('sync <id>').description('fetch what is new from the feed')).action(
    (id: string, options: Options) => sync(connect(), id, options),
  )
  const publish = repo.command('publish <id>').description('show the current content to clients')
  publish.option('--distributor <id>', 'only this one (default: those that publish after each sync, or the only one)')
  addJson(publish).action((id: string, options: Options) => publishAll(connect(), id, options))
  const download = repo.command('download <id>').description('fetch the files that are known and not stored')
  download.option('--verify', 'also read all that is stored, and fetch what is damaged or lost again')
  addJson(download).action((id: string, options: Options) => fetchFiles(connect(), id, options))
  addUploadCommand(repo, connect)
  addUnitCommands(repo, connect)
  addVersionCommands(repo, connect)
  addJson(repo.command('delete <id>').description('delete a repository and what it has published')).action(
    (id: string, options: Options) => remove(connect(), id, options),
  )
}

async function list(session: Session, options: Options): Promise<void> {
  const repositories = await session.client.repositories()
  session.terminal.print(options.json ? json(repositories) : repositoryTable(repositories))
}

async function show(session: Session, id: string, options: Options): Promise<void> {
  const repository = await session.client.repository(id)
  const text = options.json ? json(repository) : describeRepository(repository, session.client.connection.url)
  session.terminal.print(text)
}

async function sync(session: Session, id: string, options: Options): Promise<void> {
  const tasks = await finish(session, id, await session.client.sync(id))
  reportOutcome(session.terminal, id, outcomeOf(tasks))
  if (options.json) session.terminal.print(json({ repository: id, ...outcomeOf(tasks), tasks }))
}

async function publishAll(session: Session, id: string, options: Options): Promise<void> {
  const repository = await session.client.repository(id)
  const chosen = chooseDistributors(repository, options.distributor)
  const tasks: TaskReport[] = []
  for (const distributor of chosen) {
    tasks.push(...(await finish(session, id, await session.client.publish(id, distributor.id))))
    const url = publishedUrl(session.client.connection.url, id, distributor)
    session.terminal.note(`${id}: ${distributor.id} published${url === undefined ? '' : ` at ${url}`}`)
  }
  if (options.json) session.terminal.print(json({ repository: id, tasks }))
}

async function fetchFiles(session: Session, id: string, options: Options): Promise<void> {
  const verify = options.verify ?? false
  const tasks = await finish(session, id, await session.client.download(id, verify))
  const outcome = downloadOutcomeOf(tasks)
  if (options.json) session.terminal.print(json({ repository: id, ...outcome, tasks }))
  reportDownload(session.terminal, id, outcome, verify)
}

async function remove(session: Session, id: string, options: Options): Promise<void> {
  const tasks = await finish(session, id, await session.client.deleteRepository(id))
  session.terminal.note(`${id}: deleted`)
  if (options.json) session.terminal.print(json({ repository: id, tasks }))
}

function finish(session: Session, label: string, call: CallReport): Promise<TaskReport[]> {
  return runTasks(session, call.spawned_tasks, label)
}

/** Throws CliError when the person has to choose. */
export function chooseDistributors(
  repository: RepositoryDetails,
  wanted: string | undefined,
): RepositoryDetails['distributors'] {
  const { id, distributors } = repository
  const ids = distributors.map((one) => one.id).join(', ')
  const named = distributors.filter((one) => one.id === wanted)
  if (wanted !== undefined && named.length === 0)
    throw new CliError(`${id} has no distributor ${wanted}; it has: ${ids}`)
  if (wanted !== undefined) return named
  const automatic = distributors.filter((one) => one.auto_publish)
  const chosen = automatic.length > 0 ? automatic : distributors
  if (chosen.length === 0) throw new CliError(`${id} has no distributor, so there is nowhere to publish to`)
  if (chosen.length > 1 && automatic.length === 0) throw new CliError(`choose one with --distributor: ${ids}`)
  return chosen
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2)
}

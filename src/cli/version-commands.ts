import { type Command, InvalidArgumentError } from 'commander'
import type { CallReport, UnitChangeReport, VersionReport } from '../clients/pulp-answers.ts'
import { CliError } from './cli-error.ts'
import { addJson, type Connect } from './options.ts'
import { runTasks } from './run-tasks.ts'
import type { Session } from './surroundings.ts'
import { formatTable } from './table.ts'
import { describeTakeOver } from './take-over-text.ts'

interface Options {
  readonly json?: boolean
  readonly sourceVersion?: number
  readonly publish: boolean
}

/** `repo versions`, `diff`, `rollback` and `promote`: the past of repositories, and what becomes of it. */
export function addVersionCommands(repo: Command, connect: Connect): void {
  const versions = repo.command('versions <id>').description('list the versions that are kept, newest first')
  addJson(versions).action((id: string, options: Options) => list(connect(), id, options))
  const diff = repo.command('diff <id>').description('list what is other in one version than in another')
  diff.argument('<from>', 'number of a version', parseVersion).argument('[to]', 'the latest when absent', parseVersion)
  addJson(diff).action((id: string, from: number, to: number | undefined, options: Options) =>
    compare(connect(), id, { from, to }, options),
  )
  const rollback = repo.command('rollback <id>').description('go back to the content of a version, and publish it')
  rollback.argument('<version>', 'number of a version', parseVersion)
  addJson(addPublish(rollback)).action((id: string, version: number, options: Options) => {
    const session = connect()
    return takeOver(session, id, session.client.rollback(id, version, { publish: options.publish }), options)
  })
  const promote = repo.command('promote <from> <to>').description('give a repository the content of another one')
  promote.option('--source-version <number>', 'of <from>; its latest when absent', parseVersion)
  addJson(addPublish(promote)).action((from: string, to: string, options: Options) => {
    const session = connect()
    const source = { id: from, ...(options.sourceVersion !== undefined && { version: options.sourceVersion }) }
    return takeOver(session, to, session.client.promote(to, source, { publish: options.publish }), options)
  })
}

function addPublish(command: Command): Command {
  return command.option('--no-publish', 'leave what clients see as it is')
}

export function parseVersion(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is the number of a version; `deckle repo versions <id>` lists them.')
}

async function list({ client, terminal }: Session, id: string, options: Options): Promise<void> {
  const versions = await client.versions(id)
  terminal.print(options.json ? JSON.stringify(versions, null, 2) : versionTable(versions))
}

export function versionTable(versions: readonly VersionReport[]): string {
  if (versions.length === 0) return 'no versions yet'
  const rows = versions.map((one) => [String(one.version), one.created, contentOf(one), publishedOf(one)])
  return formatTable(['VERSION', 'CREATED', 'CONTENT', 'PUBLISHED'], rows)
}

function contentOf({ content_unit_counts: counts, pruned }: VersionReport): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0)
  const content = present.map(([type, count]) => `${type} ${count}`).join(', ') || 'empty'
  return pruned ? `${content} (pruned)` : content
}

/** The times may be given to `?at=` as they are. */
function publishedOf({ publications }: VersionReport): string {
  const times = publications.map(({ distributor_id: id, live_from: from, superseded_at: until }) =>
    until === null ? `${id} from ${from}` : `${id} ${from} to ${until}`,
  )
  return times.join(', ') || '-'
}

async function compare(
  { client, terminal }: Session,
  id: string,
  { from, to }: { readonly from: number; readonly to: number | undefined },
  options: Options,
): Promise<void> {
  const changes = await client.diff(id, from, to ?? (await latestOf(client, id)))
  terminal.print(options.json ? JSON.stringify(changes, null, 2) : changes.map(describeChange).join('\n') || 'the same')
}

async function latestOf(client: Session['client'], id: string): Promise<number> {
  const latest = (await client.versions(id)).find((version) => version.latest)
  if (latest === undefined) throw new CliError(`${id} has no versions yet`)
  return latest.version
}

const signs = { added: '+', removed: '-', changed: '~' }

/** With the key as `--match` takes it. */
export function describeChange({ change, type_id: type, unit_key: key }: UnitChangeReport): string {
  const fields = Object.entries(key).map(([field, value]) => `${field}=${value}`)
  return [signs[change], type, ...fields].join(' ')
}

async function takeOver(session: Session, id: string, call: Promise<CallReport>, options: Options): Promise<void> {
  const tasks = await runTasks(session, (await call).spawned_tasks, id)
  for (const line of describeTakeOver(tasks)) session.terminal.note(`${id}: ${line}`)
  if (options.json) session.terminal.print(JSON.stringify({ repository: id, tasks }, null, 2))
}

import { type Command, InvalidArgumentError } from 'commander'
import type { TaskReport } from '../clients/pulp-answers.ts'
import type { UnitCriteria } from '../clients/pulp-client.ts'
import { CliError } from './cli-error.ts'
import { addJson, type Connect } from './options.ts'
import { runTasks } from './run-tasks.ts'
import type { Session } from './surroundings.ts'

interface Options {
  readonly json?: boolean
  readonly type?: string
  readonly match: readonly Match[]
  readonly all?: boolean
  readonly recursive?: boolean
  readonly recursiveConservative?: boolean
}

/** A condition on one field of units, in MongoDB's words. */
export interface Match {
  readonly field: string
  readonly test: object
}

/** `repo copy` and `repo remove-units`. */
export function addUnitCommands(repo: Command, connect: Connect): void {
  const copy = repo.command('copy <from> <to>').description('copy units from one repository to another; no bytes move')
  addSelection(copy)
    .option('--recursive', 'with what the units name and need: packages of groups and errata, dependencies of packages')
    .option('--recursive-conservative', 'the same without what the other repository has or provides already')
  addJson(copy).action((from: string, to: string, options: Options) => copyUnits(connect(), from, to, options))
  const remove = repo.command('remove-units <id>').description('take units out of a repository; they stay as orphans')
  addSelection(remove).option('--all', 'everything')
  addJson(remove).action((id: string, options: Options) => removeUnits(connect(), id, options))
}

function addSelection(command: Command): Command {
  return command
    .option('--type <type>', 'only units of this content type')
    .option(
      '--match <field=value>',
      'only units whose field has this value, or with field~pattern matches it; may be repeated',
      (text: string, former: readonly Match[]) => [...former, parseMatch(text)],
      [],
    )
}

/** A value that looks like a number is looked for as a number too. */
export function parseMatch(text: string): Match {
  const [, field, sign, value = ''] = /^([^=~]+)([=~])(.*)$/s.exec(text) ?? []
  if (field === undefined) throw new InvalidArgumentError('It is field=value or field~pattern.')
  if (sign === '~') return { field, test: { $regex: value } }
  const number = /^-?\d{1,15}$/.test(value) ? [Number(value)] : []
  return { field, test: { $in: [value, ...number] } }
}

export function toCriteria({ type, match }: Pick<Options, 'type' | 'match'>): UnitCriteria {
  const tests = match.map(({ field, test }) => ({ [field]: test }))
  return {
    ...(type !== undefined && { type_ids: [type] }),
    ...(tests.length > 0 && { filters: { unit: { $and: tests } } }),
  }
}

async function copyUnits(session: Session, from: string, to: string, options: Options): Promise<void> {
  const overrides = {
    ...(options.recursive && { recursive: true }),
    ...(options.recursiveConservative && { recursive_conservative: true }),
  }
  const { spawned_tasks: links } = await session.client.copyUnits(from, to, toCriteria(options), overrides)
  const tasks = await runTasks(session, links, to)
  session.terminal.note(`${to}: ${describeUnits('copied', tasks)} from ${from}`)
  if (options.json) session.terminal.print(JSON.stringify({ repository: to, tasks }, null, 2))
}

async function removeUnits(session: Session, id: string, options: Options): Promise<void> {
  const criteria = toCriteria(options)
  if (Object.keys(criteria).length === 0 && options.all !== true)
    throw new CliError('say which units with --type or --match, or --all')
  const { spawned_tasks: links } = await session.client.removeUnits(id, criteria)
  const tasks = await runTasks(session, links, id)
  session.terminal.note(`${id}: ${describeUnits('removed', tasks)}`)
  if (options.json) session.terminal.print(JSON.stringify({ repository: id, tasks }, null, 2))
}

/** Of very many units the server lists the first, and says how many there are. */
export function describeUnits(done: string, tasks: readonly Pick<TaskReport, 'result'>[]): string {
  const { units_successful: units, units_successful_total: total } = Object(tasks[0]?.result)
  const count = typeof total === 'number' ? total : Array.isArray(units) ? units.length : 0
  return `${done} ${count} ${count === 1 ? 'unit' : 'units'}`
}

import type { Command } from 'commander'
import type { TaskReport } from '../clients/pulp-answers.ts'
import { addJson, type Connect } from './options.ts'
import { renderPlain } from './progress-line.ts'
import { viewProgress } from './progress-view.ts'
import type { Session } from './surroundings.ts'
import { outcomeOf } from './sync-outcome.ts'
import { formatTable } from './table.ts'

interface Options {
  readonly json?: boolean
  readonly repo?: string
}

export function addTaskCommands(program: Command, connect: Connect): void {
  const task = program.command('task').description('look at tasks and cancel them')
  const list = task.command('list').description('list the tasks, oldest first')
  list.option('--repo <id>', 'only those of this repository')
  addJson(list).action((options: Options) => listTasks(connect(), options))
  addJson(task.command('show <id>').description('show one task')).action((id: string, options: Options) =>
    showTask(connect(), id, options),
  )
  addJson(task.command('cancel <id>').description('ask the server to stop a task')).action(
    (id: string, options: Options) => cancelTask(connect(), id, options),
  )
}

async function listTasks(session: Session, options: Options): Promise<void> {
  const tasks = await session.client.tasks(options.repo === undefined ? [] : [`pulp:repository:${options.repo}`])
  session.terminal.print(options.json ? JSON.stringify(tasks, null, 2) : taskTable(tasks))
}

async function showTask(session: Session, id: string, options: Options): Promise<void> {
  const task = await session.client.task(id)
  session.terminal.print(options.json ? JSON.stringify(task, null, 2) : describeTask(task))
}

async function cancelTask(session: Session, id: string, options: Options): Promise<void> {
  await session.client.cancelTask(id)
  const task = await session.client.task(id)
  session.terminal.note(`${id}: ${task.state}`)
  if (options.json) session.terminal.print(JSON.stringify(task, null, 2))
}

export function taskTable(tasks: readonly TaskReport[]): string {
  if (tasks.length === 0) return 'no tasks'
  const rows = tasks.map((task) => [
    task.task_id,
    task.state,
    tagged(task, 'action'),
    tagged(task, 'repository'),
    task.waiting_reason === undefined ? times(task) : `waits: ${task.waiting_reason}`,
  ])
  return formatTable(['ID', 'STATE', 'ACTION', 'REPOSITORY', 'TIME'], rows)
}

export function describeTask(task: TaskReport): string {
  const view = viewProgress([task])
  const head = [
    `${task.task_id}  ${task.state}  ${tagged(task, 'action')} ${tagged(task, 'repository')}`.trimEnd(),
    times(task),
    ...(task.waiting_reason === undefined ? [] : [`waits: ${task.waiting_reason}`]),
  ]
  const progress = view === undefined ? [] : [renderPlain(view, 'progress')]
  const error = task.error === null ? [] : [`error: ${task.error.description ?? task.error.code ?? 'unknown'}`]
  const problems = outcomeOf([task]).problems.map((problem) => `left out: ${problem}`)
  const spawned = task.spawned_tasks.map((link) => `queued: ${link.task_id}`)
  return [...head, ...progress, ...error, ...problems, ...spawned].join('\n')
}

/** The values of `pulp:<kind>:<value>` tags. */
function tagged(task: TaskReport, kind: string): string {
  const start = `pulp:${kind}:`
  const values = task.tags.filter((tag) => tag.startsWith(start)).map((tag) => tag.slice(start.length))
  return values.join(',')
}

function times(task: TaskReport): string {
  if (task.start_time === null) return 'not started'
  return `${task.start_time} to ${task.finish_time ?? 'now'}`
}

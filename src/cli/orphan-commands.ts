import type { Command } from 'commander'
import type { OrphanCounts, TaskReport } from '../clients/pulp-answers.ts'
import { addJson, type Connect } from './options.ts'
import { runTasks } from './run-tasks.ts'
import type { Session } from './surroundings.ts'
import { formatTable } from './table.ts'

interface Options {
  readonly json?: boolean
  readonly type?: string
}

export function addOrphanCommands(program: Command, connect: Connect): void {
  const orphans = program.command('orphans').description('look at content in no repository and delete it')
  addJson(orphans.command('list').description('count it by content type')).action((options: Options) =>
    listOrphans(connect(), options),
  )
  const remove = orphans.command('delete').description('delete it, but for what is still published')
  remove.option('--type <type>', 'only units of this content type')
  addJson(remove).action((options: Options) => deleteOrphans(connect(), options))
}

async function listOrphans({ client, terminal }: Session, options: Options): Promise<void> {
  const counts = await client.orphans()
  terminal.print(options.json ? JSON.stringify(counts, null, 2) : orphanTable(counts))
}

async function deleteOrphans(session: Session, options: Options): Promise<void> {
  const { spawned_tasks: links } = await session.client.deleteOrphans(options.type)
  const tasks = await runTasks(session, links, 'orphans')
  session.terminal.print(options.json ? JSON.stringify(tasks, null, 2) : describeDeletion(tasks, options.type))
}

export function orphanTable(counts: OrphanCounts): string {
  const found = Object.entries(counts).filter(([, { count }]) => count > 0)
  if (found.length === 0) return 'no orphans'
  return formatTable(
    ['TYPE', 'UNITS'],
    found.map(([type, { count }]) => [type, String(count)]),
  )
}

/** The result is a number for one type, and numbers by type for all (pulp2-api §3.7). */
export function describeDeletion(tasks: readonly Pick<TaskReport, 'result'>[], type: string | undefined): string {
  const parts = tasks.flatMap(({ result }) => {
    if (typeof result === 'number') return [`${result} ${type ?? 'units'}`]
    return Object.entries(result ?? {}).map(([name, count]) => `${count} ${name}`)
  })
  return parts.length === 0 ? 'nothing was deleted' : `deleted ${parts.join(', ')}`
}

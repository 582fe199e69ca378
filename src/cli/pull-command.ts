import type { Command } from 'commander'
import { followPull } from '../clients/follow-pull.ts'
import type { NewPullTask, PullTaskReport } from '../clients/rancher-answers.ts'
import type { RancherClient } from '../clients/rancher-client.ts'
import { CliError } from './cli-error.ts'
import { addJson, type Connect, choiceOf } from './options.ts'
import { addProject, openProject } from './project-choice.ts'
import { PullDisplay } from './pull-display.ts'
import type { Session } from './surroundings.ts'

interface Options {
  readonly json?: boolean
  readonly project?: string
  readonly label: readonly string[]
  readonly mode: string
  readonly wait?: boolean
}

export function addPullCommand(program: Command, connect: Connect): void {
  const pull = program.command('pull <image>').description('have the hosts of a project pull an image')
  pull.option('--label <key=value>', 'only hosts with this label, as often as needed', collect, [])
  pull.addOption(choiceOf('--mode <mode>', 'cached: only hosts that have the image', ['all', 'cached']).default('all'))
  pull.option('--wait', 'wait for all hosts; exit code 0 only if each has the image')
  addJson(addProject(pull)).action((image: string, options: Options) => pullImage(connect(), image, options))
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value]
}

async function pullImage(session: Session, image: string, options: Options): Promise<void> {
  const order = orderOf(image, options)
  const client = await openProject(session, options.project)
  const begun = await client.pull(order)
  session.terminal.note(`${image}: pull task ${begun.id}`)
  const task = options.wait ? await waitFor(session, client, begun) : begun
  if (options.json) session.terminal.print(JSON.stringify(task, null, 2))
  if (options.wait) requireDone(task)
}

/** rancher-api §3.6. Throws CliError for a label that is none. */
export function orderOf(image: string, { label, mode }: Pick<Options, 'label' | 'mode'>): NewPullTask {
  const wrong = label.find((pair) => !/^[^=,]+=[^,]*$/.test(pair))
  if (wrong !== undefined) throw new CliError(`--label must be key=value without a comma, not ${wrong}`, 2)
  if (label.length === 0) return { image, mode }
  return { image, mode, labels: { 'io.rancher.scheduler.affinity:host_label': label.join(',') } }
}

/** Ctrl-C leaves the task to the server. */
async function waitFor(session: Session, client: RancherClient, begun: PullTaskReport): Promise<PullTaskReport> {
  const display = new PullDisplay(session.terminal)
  const left = new AbortController()
  const release = session.onInterrupt(() => (left.signal.aborted ? session.exit(130) : left.abort()))
  try {
    const { task, hosts } = await followPull(client, begun, {
      watch: (_task, seen) => display.show(seen),
      signal: left.signal,
    })
    display.end(hosts)
    return task
  } catch (error) {
    display.end([])
    if (left.signal.aborted) throw new CliError(`interrupted; pull task ${begun.id} goes on`, 130, { cause: error })
    throw error
  } finally {
    release()
  }
}

/** Throws CliError unless every host is `Done`; also where there is none, for nobody has pulled anything then. */
export function requireDone(task: PullTaskReport): void {
  const texts = Object.values(task.status ?? {})
  const missing = texts.filter((text) => text !== 'Done').length
  if (task.transitioning === 'error') throw new CliError(task.transitioningMessage ?? `pull task ${task.id} failed`)
  if (texts.length === 0) throw new CliError(`no host matches; see \`deckle host list\``)
  if (missing > 0) throw new CliError(`${missing} of ${texts.length} hosts did not pull ${task.image}`)
}

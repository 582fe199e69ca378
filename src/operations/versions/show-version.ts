import { DeckleError } from '../../core/errors.ts'
import type { EventSink } from '../../core/event.ts'
import type { HistoryStore } from '../../core/history.ts'
import type { Plugins } from '../../core/plugin.ts'
import type { RepositoryDistributor } from '../../core/repository.ts'
import type { RepositoryVersion } from '../../core/repository-version.ts'
import type { NewTask, TaskRun } from '../../core/task.ts'
import type { CheckServices } from '../check-config.ts'
import { type PublicationPlan, planPublication, showsTheSame } from '../plan-publication.ts'
import { publishTask } from '../publish-repository.ts'
import { type SharingServices, sharePublication } from './share-publication.ts'

export interface ShowServices extends CheckServices, SharingServices {
  readonly plugins: Plugins
  readonly histories: HistoryStore
  readonly events: EventSink
}

/**
 * How a distributor came to show the latest version: it did already; by files of another publication; a publish is queued that makes
 * them; not at all, because it writes into a folder and does not publish by itself.
 */
export type Shown = 'already' | 'shared' | 'queued' | 'left'

export interface ShownVersion {
  readonly publications: readonly { readonly distributorId: string; readonly shown: Shown }[]
  readonly spawn: readonly NewTask[]
}

/** Lets every distributor of a repository show its latest version, without making files anew where there are any to share. */
export async function showVersion(
  services: ShowServices,
  run: TaskRun,
  repositoryId: string,
  version: RepositoryVersion,
): Promise<ShownVersion> {
  const publications: { distributorId: string; shown: Shown }[] = []
  for (const attached of await services.repositories.distributors(repositoryId)) {
    run.signal.throwIfAborted()
    publications.push({ distributorId: attached.id, shown: await showBy(services, run, attached, version) })
  }
  const queued = publications.filter(({ shown }) => shown === 'queued')
  return { publications, spawn: queued.map(({ distributorId }) => publishTask(repositoryId, distributorId)) }
}

async function showBy(
  services: ShowServices,
  run: TaskRun,
  attached: RepositoryDistributor,
  version: RepositoryVersion,
): Promise<Shown> {
  const distributor = services.plugins.findDistributor(attached.type)
  const plan = distributor && (await planOrNothing(() => planPublication(services, attached, distributor, version)))
  if (plan?.delivers) return attached.autoPublish ? 'queued' : 'left'
  if (plan === undefined) return 'queued'
  const live = await services.publications.live(attached.key)
  if (showsTheSame(live, plan.wanted)) return 'already'
  if (distributor?.sharing === undefined) return 'queued'
  const started = new Date()
  const work = { wanted: plan.wanted, sharing: distributor.sharing, live, created: version.created }
  if (!(await sharePublication(services, run, work))) return 'queued'
  await tell(services, run, attached, started)
  return 'shared'
}

/** What is wrong with a config, the publish says. */
async function planOrNothing(plan: () => Promise<PublicationPlan>): Promise<PublicationPlan | undefined> {
  try {
    return await plan()
  } catch (error) {
    if (error instanceof DeckleError && error.kind === 'invalid') return undefined
    throw error
  }
}

/** It was a publish, for those who look at the history and those who listen. */
async function tell(
  { events, histories }: ShowServices,
  run: TaskRun,
  { repositoryId, id: distributorId, type: distributorType }: RepositoryDistributor,
  started: Date,
): Promise<void> {
  await events.tell({ type: 'repo.publish.start', payload: { repositoryId, distributorId } }, run.fence)
  const entry = { repositoryId, distributorId, distributorType, started, completed: new Date(), error: null }
  const summary = 'Shows files that were made for another publication of the same content'
  await histories.addPublish({ ...entry, result: 'success', summary, details: null }, run.fence)
}

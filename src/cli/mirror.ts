import type { CallReport, DistributorReport, RepositoryDetails, TaskReport } from '../clients/pulp-answers.ts'
import { type ContentKind, guessKind, kindSetups, newDistributor } from './content-kind.ts'
import { changesFor, existingKind, type MirrorWish, newRepository } from './mirror-plan.ts'
import { runTasks } from './run-tasks.ts'
import type { Session } from './surroundings.ts'
import { hasPublish, outcomeOf, type SyncOutcome } from './sync-outcome.ts'

export interface Mirrored {
  readonly kind: ContentKind
  readonly outcome: SyncOutcome
  /** What publishes the repository for clients of its kind. */
  readonly distributor: DistributorReport
}

/** Makes the repository as wished, or changes it, then syncs and publishes it. `kind` undefined: the feed decides. */
export async function mirror(session: Session, wish: MirrorWish, kind: ContentKind | undefined): Promise<Mirrored> {
  const known = await prepare(session, wish, kind)
  const { spawned_tasks } = await session.client.sync(wish.id)
  const tasks = await runTasks(session, spawned_tasks, wish.id)
  const distributor = await distributorOf(session, wish.id, known)
  if (wish.publish && !hasPublish(tasks)) await queue(session, wish.id, session.client.publish(wish.id, distributor.id))
  return { kind: known, outcome: outcomeOf(tasks), distributor }
}

async function prepare(session: Session, wish: MirrorWish, kind: ContentKind | undefined): Promise<ContentKind> {
  const existing = await session.client.findRepository(wish.id)
  if (existing !== undefined) return change(session, existing, wish, kind)
  const chosen = kind ?? (await guessKind(wish.feed))
  await session.client.createRepository(newRepository(wish, chosen))
  session.terminal.note(`${wish.id}: created, for ${kindSetups[chosen].noun}`)
  return chosen
}

async function change(
  session: Session,
  existing: RepositoryDetails,
  wish: MirrorWish,
  wanted: ContentKind | undefined,
): Promise<ContentKind> {
  const { client } = session
  const kind = existingKind(existing, wish, wanted) ?? wanted ?? (await guessKind(wish.feed))
  const { importer, distributor } = kindSetups[kind]
  const changes = changesFor(existing, wish, kind)
  if (changes.setImporter) await queue(session, wish.id, client.setImporter(wish.id, importer, changes.setImporter))
  if (changes.updateImporter) {
    await queue(session, wish.id, client.updateImporter(wish.id, importer, changes.updateImporter))
  }
  if (changes.addDistributor) await client.addDistributor(wish.id, newDistributor(kind, wish.id, wish.publish))
  if (changes.autoPublish !== undefined) {
    const id = existing.distributors.find((one) => one.distributor_type_id === distributor)?.id ?? distributor
    await queue(session, wish.id, client.updateDistributor(wish.id, id, { autoPublish: changes.autoPublish }))
  }
  return kind
}

async function queue(session: Session, label: string, call: Promise<CallReport>): Promise<TaskReport[]> {
  const { spawned_tasks } = await call
  return runTasks(session, spawned_tasks, label)
}

async function distributorOf(session: Session, id: string, kind: ContentKind): Promise<DistributorReport> {
  const { distributors } = await session.client.repository(id)
  const found = distributors.find((one) => one.distributor_type_id === kindSetups[kind].distributor)
  if (found === undefined) throw new Error(`repository ${id} has lost its ${kindSetups[kind].distributor}`)
  return found
}

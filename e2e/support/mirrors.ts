import { followTasks, requireFinished } from '../../src/clients/follow-tasks.ts'
import type { CallReport, NewRepository, TaskReport } from '../../src/clients/pulp-answers.ts'
import type { DeckleServer } from './deckle-server.ts'

type Config = Readonly<Record<string, unknown>>

/** A repository with an importer of `feed` and a distributor that publishes after each sync, as pulp-admin makes it. */
export async function makeMirror(
  server: DeckleServer,
  id: string,
  importer: Config,
  distributor: Config = {},
): Promise<string> {
  await server.client.createRepository({
    id,
    notes: { '_repo-type': 'rpm-repo' },
    importer_type_id: 'yum_importer',
    importer_config: importer,
    distributors: [yumDistributor(id, distributor)],
  })
  return `${server.url}/pulp/repos/${id}/`
}

function yumDistributor(id: string, config: Config): NonNullable<NewRepository['distributors']>[number] {
  return {
    distributor_type_id: 'yum_distributor',
    distributor_id: 'yum_distributor',
    distributor_config: { relative_url: id, http: true, https: true, ...config },
    auto_publish: true,
  }
}

/** The same for a folder of plain files. */
export async function makeFilesMirror(server: DeckleServer, id: string, importer: Config): Promise<string> {
  await server.client.createRepository({
    id,
    notes: { '_repo-type': 'iso-repo' },
    importer_type_id: 'iso_importer',
    importer_config: importer,
    distributors: [
      {
        distributor_type_id: 'iso_distributor',
        distributor_id: 'iso_distributor',
        distributor_config: { serve_http: true, serve_https: true },
        auto_publish: true,
      },
    ],
  })
  return `${server.url}/pulp/isos/${id}/`
}

/** Waits until the tasks of a call and all that they queue are complete. */
export function follow(server: DeckleServer, call: CallReport): Promise<TaskReport[]> {
  return followTasks(server.client, call.spawned_tasks, { interval: 50, patience: 200 })
}

/** Syncs, whatever comes of it: the sync's report, then those of the publishes that it queued. */
export async function sync(server: DeckleServer, id: string): Promise<TaskReport[]> {
  return follow(server, await server.client.sync(id))
}

/** Syncs and publishes without any task failing. */
export async function syncWell(server: DeckleServer, id: string): Promise<TaskReport[]> {
  const tasks = await sync(server, id)
  requireFinished(tasks)
  return tasks
}

/** What a sync came to, as its task says (pulp2-api §3.7). */
export function countsOf(tasks: readonly TaskReport[]): { added: unknown; updated: unknown; removed: unknown } {
  const result = (tasks[0]?.result ?? {}) as Record<string, unknown>
  return { added: result['added_count'], updated: result['updated_count'], removed: result['removed_count'] }
}

import { join } from 'node:path'
import { eventually } from '../../../src/testing/eventually.ts'
import { valueAt } from './expect.ts'
import { rename } from './names.ts'
import type { World } from './world.ts'
import { writtenOperation } from './written-api.ts'

/** Parameters of a path by their names in the written API. */
type At<Name extends string> = Readonly<Record<Name, string>>

/** A repository with nothing attached. */
export async function bare(world: World, members: object = {}): Promise<At<'repo_id'>> {
  const repo_id = world.name('bare')
  await world.make('POST', 'repositories/', { id: repo_id, ...members })
  return { repo_id }
}

/** What has to be replaced in samples that speak of `harness_repo_1`. */
export function harnessNames(world: World): Readonly<Record<'harness_repo_1' | '/tmp/harness-publish', string>> {
  const id = world.name('harness')
  return { harness_repo_1: id, '/tmp/harness-publish': join(world.exports, id) }
}

/** The repository of the sample in D.1.1.1, as that sample makes it. */
export async function harness(world: World): Promise<At<'repo_id' | 'importer_id' | 'distributor_id'>> {
  const names = harnessNames(world)
  await world.make('POST', 'repositories/', rename(writtenOperation('D.1.1.1', 'POST')?.request, names))
  return { repo_id: names.harness_repo_1, importer_id: 'harness_importer', distributor_id: 'dist_1' }
}

/** The same with units, once synced and, if told to, published. */
export async function filled(world: World, done: 'synced' | 'published' = 'synced') {
  const at = await harness(world)
  await sync(world, at.repo_id)
  if (done === 'published') await publish(world, at.repo_id, at.distributor_id)
  return at
}

/** A repository whose importer and distributor take any config. */
export async function demo(world: World): Promise<At<'repo_id' | 'importer_id' | 'distributor_id'>> {
  const repo_id = world.name('demo')
  const distributor_id = 'demo_distributor'
  await world.make('POST', 'repositories/', {
    id: repo_id,
    description: 'foo',
    notes: { '_repo-type': 'rpm-repo' },
    importer_type_id: 'demo_importer',
    importer_config: { keep: 'kept' },
    distributors: [{ distributor_id, distributor_type_id: 'demo_distributor', distributor_config: { keep: 'kept' } }],
  })
  return { repo_id, importer_id: 'demo_importer', distributor_id }
}

/** A yum repository with a feed, to be published at `yum/<id>/`. */
export async function mirror(
  world: World,
  members: { readonly auto_publish?: boolean; readonly importer_config?: object } = {},
): Promise<At<'repo_id' | 'importer_id' | 'distributor_id'>> {
  const repo_id = world.name('yum')
  await world.make('POST', 'repositories/', {
    id: repo_id,
    importer_type_id: 'yum_importer',
    importer_config: { feed: world.feed, ...members.importer_config },
    distributors: [
      {
        distributor_id: 'distributor_1',
        distributor_type_id: 'yum_distributor',
        distributor_config: { relative_url: `yum/${repo_id}`, http: true, https: false },
        auto_publish: members.auto_publish ?? false,
      },
    ],
  })
  return { repo_id, importer_id: 'yum_importer', distributor_id: 'distributor_1' }
}

export async function sync(world: World, repository: string, override_config: object = {}) {
  return world.finish('POST', `repositories/${repository}/actions/sync/`, { override_config })
}

export async function publish(world: World, repository: string, id: string) {
  return world.finish('POST', `repositories/${repository}/actions/publish/`, { id })
}

/** The id of a task that has ended. */
export async function endedTask(world: World): Promise<At<'task_id'>> {
  const { repo_id } = await bare(world)
  const [task] = await world.finish('DELETE', `repositories/${repo_id}/`)
  return { task_id: task?.task_id ?? '' }
}

/** A repository with a task that runs by now, for minutes; cancel it. What still waits would be cancelled by a deletion. */
export async function busy(world: World): Promise<At<'repo_id' | 'running'>> {
  const { repo_id } = await harness(world)
  const report = await world.make('POST', `repositories/${repo_id}/actions/sync/`, {
    override_config: { sync_delay_in_seconds: 60 },
  })
  const running = String(valueAt(report, 'spawned_tasks', 0, 'task_id'))
  // While it waits, the deletion of its repository would take it out of the way.
  await eventually(async () => valueAt(await world.make('GET', `tasks/${running}/`), 'state') === 'running')
  return { repo_id, running }
}

/** What the harness makes. */
export const unitType = 'harness_type_one'

/** A unit of a repository of its own. */
export async function aUnit(world: World): Promise<At<'repo_id' | 'type' | 'unit' | 'name'>> {
  const { repo_id } = await filled(world)
  const found = await world.make('POST', `content/units/${unitType}/search/`, { criteria: { limit: 1 } })
  const [unit, name] = ['_id', 'name'].map((key) => String(valueAt(found, 0, key)))
  return { repo_id, type: unitType, unit: unit ?? '', name: name ?? '' }
}

/** A unit that no repository holds any more. */
export async function anOrphan(world: World): Promise<At<'type' | 'unit'>> {
  const { repo_id } = await harness(world)
  await sync(world, repo_id, { num_units: '20' })
  await sync(world, repo_id)
  const found = await world.make('GET', `content/orphans/${unitType}/`)
  return { type: unitType, unit: String(valueAt(found, 0, '_id')) }
}

export async function aRole(world: World): Promise<At<'role_id'>> {
  const role_id = world.name('role')
  await world.make('POST', 'roles/', { role_id })
  return { role_id }
}

/** A role that a user has. */
export async function worn(world: World): Promise<At<'role_id' | 'login'>> {
  const at = { ...(await aRole(world)), login: world.name('ben') }
  await world.make('POST', 'users/', { login: at.login, password: 'a long password' })
  await world.make('POST', `roles/${at.role_id}/users/`, { login: at.login })
  return at
}

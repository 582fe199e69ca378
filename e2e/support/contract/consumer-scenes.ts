import { missing } from './expect.ts'
import type { Case, Wanted } from './operation.ts'
import type { World } from './world.ts'

type At<Name extends string> = Readonly<Record<Name, string>>

/** A consumer of its own. */
export async function aConsumer(world: World, members: object = {}): Promise<At<'consumer_id'>> {
  const consumer_id = world.name('host')
  await world.make('POST', 'consumers/', { id: consumer_id, ...members })
  return { consumer_id }
}

const shared = new WeakMap<World, Promise<At<'consumer_id'>>>()

/** One for all cases that only add to it: each registration makes a key. */
export function anyConsumer(world: World): Promise<At<'consumer_id'>> {
  const consumer = shared.get(world) ?? aConsumer(world)
  shared.set(world, consumer)
  return consumer
}

/** A repository with a distributor of files. */
export async function files(world: World): Promise<At<'repo_id' | 'distributor_id'>> {
  const repo_id = world.name('files')
  const distributor = { distributor_id: 'web', distributor_type_id: 'iso_distributor', distributor_config: {} }
  await world.make('POST', 'repositories/', { id: repo_id, distributors: [distributor] })
  return { repo_id, distributor_id: 'web' }
}

/** A consumer that is bound to such a repository. */
export async function bound(world: World, notify_agent: boolean) {
  const at = { ...(await anyConsumer(world)), ...(await files(world)) }
  const { consumer_id, ...distributor } = at
  await world.make('POST', `consumers/${consumer_id}/bindings/`, { ...distributor, notify_agent })
  return at
}

/** A group with one consumer. */
export async function aConsumerGroup(world: World, members: object = {}) {
  const { consumer_id } = await anyConsumer(world)
  const group_id = world.name('hosts')
  await world.make('POST', 'consumer_groups/', { id: group_id, consumer_ids: [consumer_id], ...members })
  return { group_id, consumer_id }
}

/** What agents are asked to do. */
export const order = { units: [{ type_id: 'rpm', unit_key: { name: 'zsh' } }], options: {} }

const nobody = 'nobody'

/** For a consumer that is missing, which answers call by this name (pulp2-api §2.4). */
export function missingConsumer(name: 'consumer' | 'consumer_id', wanted: Omit<Wanted, 'at'> = {}, at = {}): Case {
  return missing('a consumer', () => ({ at: { consumer_id: nobody, ...at }, ...wanted }), { [name]: nobody })
}

/** For a group that is missing. */
export function missingGroup(wanted: Omit<Wanted, 'at'> = {}, at = {}): Case {
  return missing('a group', () => ({ at: { group_id: 'no', ...at }, ...wanted }), { consumer_group: 'no' })
}

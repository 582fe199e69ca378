import { invalid } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type {
  NewGroupDistributor,
  RepositoryGroup,
  RepositoryGroupChange,
  RepositoryGroupStore,
} from '../../core/repository-group.ts'
import {
  type GroupDistributorServices,
  type WantedGroupDistributor,
  wantedGroupDistributor,
} from './group-distributors.ts'

/** As ids of repositories, but no longer than a key of the database may be. */
export const groupIdPattern = /^[.\-_A-Za-z0-9]{1,255}$/

export interface WantedGroup {
  /** Of `groupIdPattern`. */
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly notes: JsonObject
  readonly repositoryIds: readonly string[]
  readonly distributors: readonly WantedGroupDistributor[]
}

/** Makes a group with its repositories and distributors, all or nothing. */
export async function createGroup(
  services: GroupDistributorServices,
  { distributors, ...group }: WantedGroup,
): Promise<RepositoryGroup> {
  const checked: NewGroupDistributor[] = []
  for (const distributor of distributors) checked.push(await wantedGroupDistributor(services, group.id, distributor))
  const ids = checked.map(({ id }) => id)
  if (new Set(ids).size < ids.length) throw invalid('two distributors have the same id', ['distributor_id'])
  return services.repositoryGroups.create(group, checked)
}

/** Notes are merged: an empty value, whatever its type, takes one out (pulp2-api §10). */
export async function updateGroup(
  { repositoryGroups }: { readonly repositoryGroups: RepositoryGroupStore },
  id: string,
  { notes, ...change }: RepositoryGroupChange,
): Promise<RepositoryGroup> {
  const group = await repositoryGroups.get(id)
  const merged = notes && Object.entries({ ...group.notes, ...notes }).filter(([, value]) => !isEmpty(value))
  return repositoryGroups.update(id, { ...change, ...(merged && { notes: Object.fromEntries(merged) }) })
}

function isEmpty(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return !value
  return Object.keys(value).length === 0
}

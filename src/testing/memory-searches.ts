import type { Criteria, Searches } from '../core/criteria.ts'
import { isJsonObject, type Json } from '../core/json.ts'
import type { Plugins } from '../core/plugin.ts'
import { toPulpDistributor } from '../http/pulp/distributor.ts'
import { toPulpRepository } from '../http/pulp/repository.ts'
import { toPulpRepositoryGroup } from '../http/pulp/repository-group.ts'
import { toPulpTask } from '../http/pulp/task-report.ts'
import { toPulpUser } from '../http/pulp/user.ts'
import { matchesFilter } from './match-filter.ts'
import type { MemoryAccess } from './memory-access.ts'
import type { MemoryRepositories } from './memory-repositories.ts'
import type { MemoryRepositoryGroups } from './memory-repository-groups.ts'
import type { MemoryTasks } from './memory-tasks.ts'

/** Searches what the API prints. */
export class MemorySearches implements Searches {
  readonly #repositories: MemoryRepositories
  readonly #tasks: MemoryTasks
  readonly #plugins: Plugins
  readonly #access: MemoryAccess
  readonly #groups: MemoryRepositoryGroups

  constructor(
    repositories: MemoryRepositories,
    tasks: MemoryTasks,
    plugins: Plugins,
    access: MemoryAccess,
    groups: MemoryRepositoryGroups,
  ) {
    this.#groups = groups
    this.#repositories = repositories
    this.#tasks = tasks
    this.#plugins = plugins
    this.#access = access
  }

  async repositories(criteria: Criteria) {
    return select(await this.#repositories.list(), toPulpRepository, criteria)
  }

  async distributors(criteria: Criteria) {
    const all = (await this.#repositories.details()).flatMap(({ distributors }) => distributors)
    return select(all, (distributor) => toPulpDistributor(distributor, this.#plugins), criteria)
  }

  async repositoryGroups(criteria: Criteria) {
    return select(await this.#groups.list(), toPulpRepositoryGroup, criteria)
  }

  async users(criteria: Criteria) {
    return select(await this.#access.users.list(), toPulpUser, criteria)
  }

  async *tasks(criteria: Criteria) {
    yield* select(await Array.fromAsync(this.#tasks.list({})), (task) => toPulpTask(task, this.#plugins), criteria)
  }
}

function select<Item>(items: readonly Item[], print: (item: Item) => unknown, criteria: Criteria): readonly Item[] {
  const { filter, sort, skip, limit } = criteria
  const printed = items.map((item) => ({ item, json: JSON.parse(JSON.stringify(print(item))) as Json }))
  const found = printed.filter(({ json }) => matchesFilter(filter, json))
  for (const { field, direction } of sort.toReversed()) {
    const sign = direction === 'ascending' ? 1 : -1
    found.sort((left, right) => sign * (text(left.json, field) < text(right.json, field) ? -1 : 1))
  }
  return found.slice(skip, limit === undefined ? undefined : skip + limit).map(({ item }) => item)
}

function text(json: Json, field: string): string {
  return isJsonObject(json) ? JSON.stringify(json[field] ?? null) : ''
}

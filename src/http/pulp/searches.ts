import type { PulpDistributor } from '../../wire/pulp/distributor.ts'
import type { PulpRepository } from '../../wire/pulp/repository.ts'
import type { PulpRepositoryGroup } from '../../wire/pulp/repository-group.ts'
import type { PulpTaskReport } from '../../wire/pulp/task-report.ts'
import type { PulpUser } from '../../wire/pulp/user.ts'
import type { Call } from '../kit/call.ts'
import { type Answer, okStream, type Route } from '../kit/route.ts'
import { activityOf } from './activity.ts'
import { fromPulpSearchBody, fromPulpSearchQuery, type PulpSearch } from './criteria.ts'
import { type Searchable, searchQuery, searchShape } from './criteria-shape.ts'
import { toPulpDistributor } from './distributor.ts'
import { root } from './hrefs.ts'
import { attachmentQuery, attachmentsOf, attachmentsOfBody, attachTo } from './repositories.ts'
import { toPulpRepositoryGroup } from './repository-group.ts'
import type { PulpServices } from './services.ts'
import { toPulpTask } from './task-report.ts'
import { toPulpUser } from './user.ts'

/** The searches by POST and by GET (pulp2-api §4.1). */
export function searchRoutes(services: PulpServices): readonly Route[] {
  return [
    ...routesOf('repositories', 'PulpFoundRepository', searchableRepositories, (search, call) =>
      searchRepositories(services, search, call),
    ),
    ...routesOf('distributors', 'PulpFoundDistributor', distributors, (search) => searchDistributors(services, search)),
    ...routesOf('repo_groups', 'PulpFoundRepositoryGroup', repositoryGroups, (search) =>
      searchRepositoryGroups(services, search),
    ),
    ...routesOf('users', 'PulpFoundUser', users, (search) => searchUsers(services, search)),
    ...routesOf('tasks', 'PulpTaskReport', tasks, (search) => searchTasks(services, search)),
  ]
}

/** Also of the repositories that go into a group. */
export const searchableRepositories: Searchable = {
  objectIds: true,
  options: attachmentQuery,
  known: new Set([
    ...['_id', 'id', 'repo_id', 'display_name', 'description', 'notes', 'scratchpad'],
    ...['content_unit_counts', 'last_unit_added', 'last_unit_removed'],
  ]),
}

const distributors: Searchable = {
  objectIds: true,
  options: {},
  known: new Set([
    ...['_id', 'id', 'distributor_id', 'repo_id', 'distributor_type_id', 'config', 'auto_publish'],
    ...['last_publish', 'last_updated', 'scratchpad'],
  ]),
}

const repositoryGroups: Searchable = {
  objectIds: true,
  options: {},
  known: new Set(['_id', 'id', 'display_name', 'description', 'notes', 'repo_ids', 'scratchpad']),
}

const users: Searchable = {
  objectIds: true,
  options: {},
  known: new Set(['_id', 'id', 'login', 'name', 'roles']),
}

const tasks: Searchable = { objectIds: false, options: {} }

/** The searches of one noun, by POST and by GET; `called` in the API reference. */
export function routesOf(
  noun: string,
  found: string,
  searchable: Searchable,
  search: (search: PulpSearch, call: Call) => Promise<Answer>,
  called = noun,
): readonly Route[] {
  const path = `${root}${noun}/search/`
  const shared = {
    path,
    permission: 'read',
    answers: { 200: `${found}[]` },
    doc: `Finds ${called} by criteria.`,
  } as const
  return [
    {
      ...shared,
      method: 'POST',
      body: 'object',
      shape: searchShape(searchable),
      handler: (call) => search(fromPulpSearchBody(call.body, searchable), call),
    },
    {
      ...shared,
      method: 'GET',
      body: 'none',
      query: searchQuery(searchable),
      handler: (call) => search(fromPulpSearchQuery(call.query, searchable), call),
    },
  ]
}

async function searchRepositories(services: PulpServices, search: PulpSearch, call: Call) {
  const found = await services.searches.repositories(search.criteria)
  const attachments = call.method === 'POST' ? attachmentsOfBody(call.body) : attachmentsOf(call)
  const always = [...identity, ...(attachments.importers ? ['importers'] : [])]
  if (attachments.distributors) always.push('distributors')
  return okStream(project<PulpRepository>(attachTo(services, attachments, found), search.fields, always))
}

async function searchDistributors(services: PulpServices, search: PulpSearch) {
  const found = await services.searches.distributors(search.criteria)
  const activity = await activityOf(
    services,
    found.map(({ repositoryId }) => repositoryId),
  )
  const printed = found.values().map((one) => toPulpDistributor(one, services.plugins, activity))
  return okStream(project<PulpDistributor>(printed, search.fields, [...identity, 'repo_id', 'distributor_type_id']))
}

async function searchRepositoryGroups(services: PulpServices, search: PulpSearch) {
  const found = await services.searches.repositoryGroups(search.criteria)
  return okStream(project<PulpRepositoryGroup>(found.values().map(toPulpRepositoryGroup), search.fields, identity))
}

async function searchUsers(services: PulpServices, search: PulpSearch) {
  const printed = (await services.searches.users(search.criteria)).values().map(toPulpUser)
  return okStream(project<PulpUser>(printed, search.fields, [...identity, 'login']))
}

async function searchTasks(services: PulpServices, search: PulpSearch) {
  return okStream(printTasks(services, search))
}

async function* printTasks(services: PulpServices, { criteria, fields }: PulpSearch) {
  for await (const task of services.searches.tasks(criteria)) {
    const report = toPulpTask(task, services.plugins)
    yield fields === undefined ? report : withDefaults(report, fields)
  }
}

/** Members that are always there. */
export const identity = ['_id', 'id', '_href']

/** Objects with the members that were asked for and those that are always there. */
export async function* project<Printed extends object>(
  objects: Iterable<Printed> | AsyncIterable<Printed>,
  fields: ReadonlySet<string> | undefined,
  always: readonly string[],
) {
  for await (const object of objects) {
    const kept = Object.entries(object).filter(([key]) => fields?.has(key) !== false || always.includes(key))
    yield Object.fromEntries(kept)
  }
}

const taskDefaults: Partial<PulpTaskReport> = {
  task_type: null,
  state: 'waiting',
  tags: [],
  start_time: null,
  finish_time: null,
  worker_name: null,
  progress_report: {},
  result: null,
  spawned_tasks: [],
  error: null,
  traceback: null,
}

/** A task keeps all members; those not asked for have their defaults, as if it had just been made (pulp2-api §4.1). */
function withDefaults(report: PulpTaskReport, fields: ReadonlySet<string>): PulpTaskReport {
  const hidden = Object.entries(taskDefaults).filter(([key]) => !fields.has(key))
  return { ...report, ...Object.fromEntries(hidden) }
}

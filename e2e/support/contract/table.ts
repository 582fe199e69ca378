import type { Operation } from './operation.ts'
import { about } from './rows/about.ts'
import { applicabilityRows } from './rows/applicability.ts'
import { attachments } from './rows/attachments.ts'
import { consumerBindings } from './rows/consumer-bindings.ts'
import { consumerGroups } from './rows/consumer-groups.ts'
import { consumerProfiles } from './rows/consumer-profiles.ts'
import { consumerSchedules } from './rows/consumer-schedules.ts'
import { consumers } from './rows/consumers.ts'
import { content } from './rows/content.ts'
import { contentSources } from './rows/content-sources.ts'
import { creation } from './rows/creation.ts'
import { distributorRemoval } from './rows/distributor-removal.ts'
import { distributors } from './rows/distributors.ts'
import { events } from './rows/events.ts'
import { groupDistributors } from './rows/group-distributors.ts'
import { histories } from './rows/histories.ts'
import { importers } from './rows/importers.ts'
import { login } from './rows/login.ts'
import { orphans } from './rows/orphans.ts'
import { permissions } from './rows/permissions.ts'
import { repositoryGroups } from './rows/repository-groups.ts'
import { repositorySearches } from './rows/repository-searches.ts'
import { retrieval } from './rows/retrieval.ts'
import { roleMembers } from './rows/role-members.ts'
import { roles } from './rows/roles.ts'
import { runs } from './rows/runs.ts'
import { schedules } from './rows/schedules.ts'
import { searches } from './rows/searches.ts'
import { taskGroups } from './rows/task-groups.ts'
import { taskSearches } from './rows/task-searches.ts'
import { tasks } from './rows/tasks.ts'
import { unitActions } from './rows/unit-actions.ts'
import { unitSearches } from './rows/unit-searches.ts'
import { uploads } from './rows/uploads.ts'
import { users } from './rows/users.ts'
import { versions } from './rows/versions.ts'

/** Every call of the written API. */
export const writtenRows: readonly Operation[] = inOrder([
  ...creation,
  ...importers,
  ...distributors,
  ...distributorRemoval,
  ...retrieval,
  ...repositorySearches,
  ...attachments,
  ...runs,
  ...schedules,
  ...histories,
  ...tasks,
  ...taskSearches,
  ...taskGroups,
])

/** Calls that the written API points at or leaves out, and additions of ours. */
export const furtherRows: readonly Operation[] = [
  ...searches,
  ...unitSearches,
  ...unitActions,
  ...content,
  ...contentSources,
  ...orphans,
  ...uploads,
  ...versions,
  ...repositoryGroups,
  ...groupDistributors,
  ...events,
  ...login,
  ...users,
  ...roles,
  ...roleMembers,
  ...permissions,
  ...consumers,
  ...consumerProfiles,
  ...consumerBindings,
  ...consumerGroups,
  ...consumerSchedules,
  ...applicabilityRows,
  ...about,
]

/** By the numbers of their sections. */
function inOrder(rows: readonly Operation[]): readonly Operation[] {
  return rows.toSorted((left, right) => left.section.localeCompare(right.section, 'en', { numeric: true }))
}

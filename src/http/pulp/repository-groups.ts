import type { RepositoryGroup } from '../../core/repository-group.ts'
import { createGroup, updateGroup } from '../../operations/repository-groups/manage-groups.ts'
import type { Call } from '../kit/call.ts'
import { created, type Route } from '../kit/route.ts'
import { groupRoutes } from './group-routes.ts'
import { root } from './hrefs.ts'
import { toPulpRepositoryGroup } from './repository-group.ts'
import { distributorsIn, fromPulpNewGroup, groupUpdate, newGroup } from './repository-group-input.ts'
import { searchableRepositories } from './searches.ts'
import type { PulpServices } from './services.ts'

/** `/repo_groups/` without the search, and without the distributors of groups (pulp2-api §10). */
export function repositoryGroupRoutes(services: PulpServices): readonly Route[] {
  const { repositoryGroups: groups } = services
  return groupRoutes<RepositoryGroup>({
    collection: `${root}repo_groups/`,
    members: 'repositories',
    searchable: searchableRepositories,
    answers: { group: 'PulpRepositoryGroup', created: 'PulpNewRepositoryGroup', ids: 'PulpRepositoryIds' },
    newGroup: {
      shape: newGroup,
      doc: 'Creates a group with its repositories and distributors, all or nothing.',
      post: (call) => postGroup(services, call),
    },
    update: { shape: groupUpdate, body: 'object', put: (call) => putGroup(services, call) },
    list: () => groups.list(),
    get: (id) => groups.get(id),
    delete: (_call, id) => groups.delete(id),
    change: async (_call, id, change, criteria) => {
      const keys = (await services.searches.repositories(criteria)).map(({ key }) => key)
      return (await groups[change](id, keys)).repositoryIds
    },
    print: toPulpRepositoryGroup,
  })
}

async function postGroup(services: PulpServices, call: Call) {
  const group = toPulpRepositoryGroup(await createGroup(services, fromPulpNewGroup(call.body)))
  return created({ ...group, distributors: distributorsIn(call.body, services.plugins) }, group._href)
}

async function putGroup(services: PulpServices, call: Call): Promise<RepositoryGroup> {
  const { display_name: displayName, ...change } = groupUpdate.read(call.body)
  const wanted = { ...change, ...(displayName !== undefined && { displayName }) }
  return updateGroup(services, call.param('group'), wanted)
}

import type { RepositoryGroup } from '../../core/repository-group.ts'
import { createGroup, updateGroup } from '../../operations/repository-groups/manage-groups.ts'
import { bodyShape, nested, optional } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { created, ok, okStream, type Route } from '../kit/route.ts'
import { fromPulpSearchBody } from './criteria.ts'
import { criteriaShape } from './criteria-shape.ts'
import { root } from './hrefs.ts'
import { toPulpRepositoryGroup } from './repository-group.ts'
import { distributorsIn, fromPulpNewGroup, groupUpdate, newGroup } from './repository-group-input.ts'
import { searchableRepositories } from './searches.ts'
import type { PulpServices } from './services.ts'

const collection = `${root}repo_groups/`
const single = `${collection}:group/`

/** `/repo_groups/` without the search, and without the distributors of groups (pulp2-api §10). */
export function repositoryGroupRoutes(services: PulpServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpRepositoryGroup[]' },
      doc: 'Lists all groups of repositories.',
      handler: async () => okStream((await services.repositoryGroups.list()).values().map(toPulpRepositoryGroup)),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newGroup,
      answers: { 201: 'PulpNewRepositoryGroup' },
      doc: 'Creates a group with its repositories and distributors, all or nothing.',
      handler: (call) => postGroup(services, call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpRepositoryGroup' },
      doc: 'Shows one group of repositories.',
      handler: async (call) => ok(toPulpRepositoryGroup(await services.repositoryGroups.get(call.param('group')))),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: 'object',
      shape: groupUpdate,
      answers: { 200: 'PulpRepositoryGroup' },
      doc: 'Changes the name, the description or the notes of a group.',
      handler: (call) => putGroup(services, call),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: 'Deletes a group at once, but not its repositories.',
      handler: async (call) => {
        await services.repositoryGroups.delete(call.param('group'))
        return ok(null)
      },
    },
    ...memberRoutes(services),
  ]
}

/** The repositories that criteria of a body describe; all of them without criteria (pulp2-api §2.4). */
const chosenRepositories = bodyShape({
  criteria: optional(nested(criteriaShape(searchableRepositories)), {
    doc: 'Which repositories; all when it is absent.',
  }),
})

function memberRoutes(services: PulpServices): readonly Route[] {
  const shared = {
    method: 'POST',
    permission: 'execute',
    body: 'optional',
    shape: chosenRepositories,
    answers: { 200: 'PulpRepositoryIds' },
  } as const
  return [
    {
      ...shared,
      path: `${single}actions/associate/`,
      doc: 'Puts repositories into a group; answers the ids of all that are in it.',
      handler: (call) => changeMembers(services, call, (id, keys) => services.repositoryGroups.associate(id, keys)),
    },
    {
      ...shared,
      path: `${single}actions/unassociate/`,
      doc: 'Takes repositories out of a group; answers the ids of those that stay.',
      handler: (call) => changeMembers(services, call, (id, keys) => services.repositoryGroups.unassociate(id, keys)),
    },
  ]
}

async function postGroup(services: PulpServices, call: Call) {
  const group = toPulpRepositoryGroup(await createGroup(services, fromPulpNewGroup(call.body)))
  return created({ ...group, distributors: distributorsIn(call.body, services.plugins) }, group._href)
}

async function putGroup(services: PulpServices, call: Call) {
  const { display_name: displayName, ...change } = groupUpdate.read(call.body)
  const wanted = { ...change, ...(displayName !== undefined && { displayName }) }
  return ok(toPulpRepositoryGroup(await updateGroup(services, call.param('group'), wanted)))
}

async function changeMembers(
  services: PulpServices,
  call: Call,
  change: (id: string, keys: readonly number[]) => Promise<RepositoryGroup>,
) {
  const group = await services.repositoryGroups.get(call.param('group'))
  chosenRepositories.read(call.body)
  const { criteria } = fromPulpSearchBody({ criteria: {}, ...call.body }, searchableRepositories)
  const found = await services.searches.repositories(criteria)
  const { repositoryIds } = await change(
    group.id,
    found.map(({ key }) => key),
  )
  return ok(repositoryIds)
}

import type { Criteria } from '../../core/criteria.ts'
import type { BodyShape } from '../kit/body-shape.ts'
import { bodyShape, nested, optional } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { type Answer, type BodyRule, ok, okStream, type Route } from '../kit/route.ts'
import { fromPulpCriteria } from './criteria.ts'
import { criteriaShape, type Searchable } from './criteria-shape.ts'

/** What can be put into groups, and how (pulp2-api §10, §15). */
export interface GroupKind<Group> {
  /** Path of the collection. */
  readonly collection: string
  /** What is in the groups, in the plural: `consumers`. */
  readonly members: string
  readonly searchable: Searchable
  /** Schemas of the API reference. */
  readonly answers: { readonly group: string; readonly created: string; readonly ids: string }
  readonly newGroup: { readonly shape: BodyShape<unknown>; readonly doc: string; post(call: Call): Promise<Answer> }
  readonly update: { readonly shape: BodyShape<unknown>; readonly body: BodyRule; put(call: Call): Promise<Group> }
  list(): Promise<readonly Group[]>
  get(id: string): Promise<Group>
  delete(call: Call, id: string): Promise<unknown>
  /** Those in the group after it. The criteria say which; the group is there. */
  change(call: Call, id: string, change: MemberChange, criteria: Criteria): Promise<readonly string[]>
  print(group: Group): unknown
}

export type MemberChange = 'associate' | 'unassociate'

/** A collection of groups without its search, and without what is done to all that are in a group. */
export function groupRoutes<Group>(kind: GroupKind<Group>): readonly Route[] {
  const { collection, members, answers, newGroup, update } = kind
  const single = `${collection}:group/`
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: `${answers.group}[]` },
      doc: `Lists all groups of ${members}.`,
      handler: async () => okStream((await kind.list()).values().map((group) => kind.print(group))),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newGroup.shape,
      answers: { 201: answers.created },
      doc: newGroup.doc,
      handler: (call) => newGroup.post(call),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: answers.group },
      doc: `Shows one group of ${members}.`,
      handler: async (call) => ok(kind.print(await kind.get(call.param('group')))),
    },
    {
      method: 'PUT',
      path: single,
      permission: 'update',
      body: update.body,
      shape: update.shape,
      answers: { 200: answers.group },
      doc: `Changes the name, the description or the notes of a group of ${members}.`,
      handler: async (call) => ok(kind.print(await update.put(call))),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'none',
      answers: { 200: null },
      doc: `Deletes a group at once, but not its ${members}.`,
      handler: async (call) => {
        await kind.delete(call, call.param('group'))
        return ok(null)
      },
    },
    ...memberRoutes(kind, single),
  ]
}

function memberRoutes<Group>(kind: GroupKind<Group>, single: string): readonly Route[] {
  const { members, searchable, answers } = kind
  const which = optional(nested(criteriaShape(searchable)), { doc: `Which ${members}; all when it is absent.` })
  // All of them without criteria (pulp2-api §2.4).
  const chosen = bodyShape({ criteria: which })
  const route = (change: MemberChange, doc: string): Route => ({
    method: 'POST',
    path: `${single}actions/${change}/`,
    permission: 'execute',
    body: 'optional',
    shape: chosen,
    answers: { 200: answers.ids },
    doc,
    handler: async (call) => {
      const id = call.param('group')
      await kind.get(id)
      const { criteria } = fromPulpCriteria(chosen.read(call.body).criteria ?? {}, searchable)
      return ok(await kind.change(call, id, change, criteria))
    },
  })
  return [
    route('associate', `Puts ${members} into a group; answers the ids of all that are in it.`),
    route('unassociate', `Takes ${members} out of a group; answers the ids of those that stay.`),
  ]
}

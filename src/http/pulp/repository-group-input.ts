import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { Plugins } from '../../core/plugin.ts'
import { maskSecrets } from '../../core/secrets.ts'
import type { WantedGroupDistributor } from '../../operations/repository-groups/group-distributors.ts'
import { groupIdPattern, type WantedGroup } from '../../operations/repository-groups/manage-groups.ts'
import { distributorIdPattern } from '../../operations/wanted-plugins.ts'
import { flag, listOf, nullable, object, text, textLike } from '../kit/body-fields.ts'
import { type BodyShape, bodyShape, nested, optional, required } from '../kit/body-shape.ts'

type BodyIn<Shape> = Shape extends BodyShape<infer Body> ? Body : never

/** The body of `POST …/distributors/` of a group (pulp2-api §10). */
export const newGroupDistributor = bodyShape({
  distributor_type_id: required(text),
  distributor_id: optional(textLike(distributorIdPattern), { doc: 'A generated one when it is absent.' }),
  distributor_config: optional(object, { doc: 'What the plugin is told.' }),
})

export function fromPulpGroupDistributor(read: BodyIn<typeof newGroupDistributor>): WantedGroupDistributor {
  return {
    ...(read.distributor_id !== undefined && { id: read.distributor_id }),
    type: read.distributor_type_id,
    config: read.distributor_config ?? {},
  }
}

/** The body of `POST /repo_groups/`. */
export const newGroup = bodyShape(
  {
    id: required(textLike(groupIdPattern), { doc: 'Unique; never changes.' }),
    display_name: optional(text),
    description: optional(text),
    repo_ids: optional(listOf(text), { doc: 'Its repositories; 404 when one of them is not there.' }),
    notes: optional(object, { doc: 'Whatever the client wants to remember.' }),
    distributors: optional(listOf(nested(newGroupDistributor))),
  },
  'invalid',
)

export function fromPulpNewGroup(body: JsonObject): WantedGroup {
  const read = newGroup.read(body)
  return {
    id: read.id,
    displayName: read.display_name ?? null,
    description: read.description ?? null,
    notes: read.notes ?? {},
    repositoryIds: [...new Set(read.repo_ids)],
    distributors: (read.distributors ?? []).map(fromPulpGroupDistributor),
  }
}

/** The distributors of a group as they were sent, for the answer that echoes them; secrets masked. */
export function distributorsIn({ distributors }: JsonObject, plugins: Plugins): readonly JsonObject[] {
  const sent = Array.isArray(distributors) ? distributors.filter(isJsonObject) : []
  return sent.map(({ distributor_config: config, ...rest }) => {
    const secrets = plugins.findGroupDistributor(String(rest['distributor_type_id']))?.config.secrets ?? []
    return isJsonObject(config) ? { ...rest, distributor_config: maskSecrets(config, secrets) } : rest
  })
}

/** The body of `PUT /repo_groups/<id>/`; there is no `delta`. */
export const groupUpdate = bodyShape(
  {
    display_name: optional(nullable(text)),
    description: optional(nullable(text)),
    notes: optional(object, { doc: 'Merged into those that are there: an empty value removes a key.' }),
  },
  'invalid',
)

export const groupDistributorChange = bodyShape({
  distributor_config: required(object, { doc: 'Merged into the config that is there: null removes a key.' }),
})

/** A distributor goes at once, forced or not. */
export const groupDistributorRemoval = bodyShape({
  force: optional(flag, { doc: 'Accepted and without effect: nothing keeps a distributor from going.' }),
})

import type { JsonObject } from '../../core/json.ts'
import { repositoryIdPattern } from '../../operations/manage-repositories.ts'
import { distributorIdPattern } from '../../operations/wanted-plugins.ts'
import { anything, flag, listOf, mapOf, nullable, object, text, textLike, wholeNumber } from '../kit/body-fields.ts'
import { type BodyShape, bodyShape, nested, optional, required } from '../kit/body-shape.ts'
import type { AddDistributor, CreateRepository, UpdateRepository } from './services.ts'

/** More than anybody can mean by it. */
const mostVersions = 1_000_000

const retainVersions = optional(nullable(wholeNumber(1, mostVersions)), {
  doc: 'How many versions are kept; null goes back to what the server is set to.',
  extension: true,
})

const distributorMembers = {
  distributor_id: optional(textLike(distributorIdPattern), { doc: 'A generated one when it is absent.' }),
  distributor_config: optional(object, { doc: 'What the plugin is told.' }),
  auto_publish: optional(flag, { doc: 'Publish after every sync; false when it is absent.' }),
}

/** The body of `POST …/distributors/` (pulp2-api §6.2). */
export const newDistributor = bodyShape({ distributor_type_id: required(text), ...distributorMembers })

/** The written API's prose calls the config `repo_plugin_config` (pulp2-api §0.20). */
const nestedDistributor = bodyShape({
  distributor_type_id: required(text, { absence: 'invalid' }),
  ...distributorMembers,
  repo_plugin_config: optional(object, { doc: 'Another name of distributor_config.' }),
})

/** The body of `POST /repositories/`; unknown members are ignored (pulp2-api §5.2). */
export const newRepository = bodyShape({
  id: required(textLike(repositoryIdPattern), { name: 'repo_id', absence: 'invalid' }),
  display_name: optional(nullable(text), { doc: 'The id when it is absent; null stays null.' }),
  description: optional(text),
  notes: optional(object, { doc: 'Whatever the client wants to remember.' }),
  retain_versions: retainVersions,
  importer_type_id: optional(text),
  importer_config: optional(object),
  distributors: optional(listOf(nested(nestedDistributor)), { name: 'distributor_list' }),
})

export function fromPulpNewRepository(body: JsonObject): CreateRepository {
  const read = newRepository.read(body)
  return {
    id: read.id,
    ...(read.display_name !== undefined && { displayName: read.display_name }),
    description: read.description ?? null,
    notes: read.notes ?? {},
    ...(read.retain_versions !== undefined && { retainVersions: read.retain_versions }),
    ...(read.importer_type_id !== undefined && {
      importer: { type: read.importer_type_id, config: read.importer_config ?? {} },
    }),
    distributors: (read.distributors ?? []).map(({ repo_plugin_config = {}, ...entry }) =>
      fromPulpNewDistributor({ distributor_config: repo_plugin_config, ...entry }),
    ),
  }
}

type BodyIn<Shape> = Shape extends BodyShape<infer Body> ? Body : never

export function fromPulpNewDistributor(read: BodyIn<typeof newDistributor>): AddDistributor {
  return {
    ...(read.distributor_id !== undefined && { id: read.distributor_id }),
    type: read.distributor_type_id,
    config: read.distributor_config ?? {},
    autoPublish: read.auto_publish ?? false,
  }
}

/** The body of `PUT /repositories/<id>/`; members of `delta` that cannot be changed are ignored (pulp2-api §5.2). */
const delta = bodyShape({
  display_name: optional(nullable(text)),
  description: optional(nullable(text)),
  notes: optional(object, { doc: 'Merged into those that are there: null removes a key.' }),
  scratchpad: optional(nullable(anything)),
  retain_versions: retainVersions,
})

export const repositoryUpdate = bodyShape({
  delta: optional(nested(delta), { typeName: 'dict', doc: 'What changes of the repository itself.' }),
  importer_config: optional(object, { doc: 'Merged into the config of the importer: null removes a key.' }),
  distributor_configs: optional(mapOf(object), { doc: 'By the id of the distributor; a task is spawned for each.' }),
})

export function fromPulpRepositoryUpdate(body: JsonObject): UpdateRepository {
  const read = repositoryUpdate.read(body)
  return {
    ...(read.delta !== undefined && { delta: fromPulpDelta(read.delta) }),
    ...(read.importer_config !== undefined && { importerConfig: read.importer_config }),
    ...(read.distributor_configs !== undefined && { distributorConfigs: read.distributor_configs }),
  }
}

function fromPulpDelta({
  display_name: displayName,
  retain_versions: retainVersions,
  ...rest
}: BodyIn<typeof delta>): NonNullable<UpdateRepository['delta']> {
  return {
    ...rest,
    ...(displayName !== undefined && { displayName }),
    ...(retainVersions !== undefined && { retainVersions }),
  }
}

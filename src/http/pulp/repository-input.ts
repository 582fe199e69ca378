import { invalid } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import {
  nullableCount,
  nullableText,
  objectList,
  optionalBoolean,
  optionalObject,
  optionalText,
  typedObject,
} from './body-fields.ts'
import type { AddDistributor, CreateRepository, UpdateRepository } from './services.ts'

/** More than anybody can mean by `retain_versions`, an extension of ours. */
const mostVersions = 1_000_000

/** The body of `POST /repositories/`; unknown members are ignored (pulp2-api §5.2). */
export function fromPulpNewRepository(body: JsonObject): CreateRepository {
  const id = body['id']
  if (typeof id !== 'string') throw invalid('Invalid properties: a repository needs an id, a string', ['repo_id'])
  const displayName = nullableText(body, 'display_name')
  const importerType = optionalText(body, 'importer_type_id')
  const importerConfig = optionalObject(body, 'importer_config') ?? {}
  const retainVersions = nullableCount(body, 'retain_versions', mostVersions)
  return {
    id,
    ...(displayName !== undefined && { displayName }),
    description: optionalText(body, 'description') ?? null,
    notes: optionalObject(body, 'notes') ?? {},
    ...(retainVersions !== undefined && { retainVersions }),
    ...(importerType !== undefined && { importer: { type: importerType, config: importerConfig } }),
    distributors: objectList(body, 'distributors', 'distributor_list').map(fromPulpNestedDistributor),
  }
}

/** The written API's prose calls the config `repo_plugin_config` (pulp2-api §0.20). */
function fromPulpNestedDistributor(entry: JsonObject): AddDistributor {
  const type = optionalText(entry, 'distributor_type_id')
  if (type === undefined) throw invalid('Invalid properties: distributor_type_id', ['distributor_type_id'])
  const config = optionalObject(entry, 'distributor_config') ?? optionalObject(entry, 'repo_plugin_config') ?? {}
  const id = optionalText(entry, 'distributor_id')
  return {
    ...(id !== undefined && { id }),
    type,
    config,
    autoPublish: optionalBoolean(entry, 'auto_publish') ?? false,
  }
}

/** The body of `PUT /repositories/<id>/`; members of `delta` that cannot be changed are ignored (pulp2-api §5.2). */
export function fromPulpRepositoryUpdate(body: JsonObject): UpdateRepository {
  const delta = typedObject(body, 'delta')
  const importerConfig = optionalObject(body, 'importer_config')
  const distributorConfigs = optionalObject(body, 'distributor_configs')
  return {
    ...(delta !== undefined && { delta: fromPulpDelta(delta) }),
    ...(importerConfig !== undefined && { importerConfig }),
    ...(distributorConfigs !== undefined && { distributorConfigs: fromPulpConfigs(distributorConfigs) }),
  }
}

function fromPulpDelta(delta: JsonObject): NonNullable<UpdateRepository['delta']> {
  const displayName = nullableText(delta, 'display_name')
  const description = nullableText(delta, 'description')
  const notes = optionalObject(delta, 'notes')
  const scratchpad = delta['scratchpad']
  const retainVersions = nullableCount(delta, 'retain_versions', mostVersions)
  return {
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    ...(notes !== undefined && { notes }),
    ...(scratchpad !== undefined && { scratchpad }),
    ...(retainVersions !== undefined && { retainVersions }),
  }
}

function fromPulpConfigs(configs: JsonObject): Record<string, JsonObject> {
  const checked: Record<string, JsonObject> = {}
  for (const [id, config] of Object.entries(configs)) {
    if (!isJsonObject(config))
      throw invalid(`The config of distributor ${id} must be an object`, ['distributor_configs'])
    checked[id] = config
  }
  return checked
}

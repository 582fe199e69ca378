import type { ResourceType } from '../../../core/resource.ts'
import type { Role } from '../schema/role.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import { account, project } from './account.ts'
import { apiKey, credential, registrationToken, registryCredential } from './credentials.ts'
import { host } from './host.ts'
import { hostPull } from './host-pull.ts'
import { image } from './image.ts'
import { pullTask } from './pull-task.ts'
import { register } from './register.ts'
import { registry, storagePool } from './registry.ts'
import { schema } from './schema.ts'

/** Every type that there is, by id. */
export const types: readonly TypeSchema[] = [
  ...[account, apiKey, credential, host, hostPull, image, project, pullTask, register],
  ...[registrationToken, registry, registryCredential, schema, storagePool],
]

const byName = new Map(types.flatMap((type) => [type.id, type.plural].map((name) => [name.toLowerCase(), type])))

/** Singular or plural, case does not count; undefined for none that the role sees. */
export function findType(name: string, role: Role): TypeSchema | undefined {
  const type = byName.get(name.toLowerCase())
  return type?.verbs[role] === undefined ? undefined : type
}

export function typesOf(role: Role): readonly TypeSchema[] {
  return types.filter((type) => type.verbs[role] !== undefined)
}

/** What a row is shown as: the most specific type. Throws for rows that no API shows. */
export function typeOfRow(row: ResourceType): TypeSchema {
  const type = byName.get(row.toLowerCase())
  if (type === undefined) throw new TypeError(`rows of type ${row} are not shown`)
  return type
}

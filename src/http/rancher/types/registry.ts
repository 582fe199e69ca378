import type { TypeSchema } from '../schema/type-schema.ts'
import { accountLink, commonFields, commonFilters } from './common-fields.ts'

const poolFields = {
  driverName: { type: 'string', nullable: true },
  externalId: { type: 'string', nullable: true },
} as const

/** Where images are pulled from (rancher-api §4.6). */
export const registry: TypeSchema = {
  id: 'registry',
  plural: 'registries',
  stored: ['registry'],
  base: 'storagePool',
  kind: 'registry',
  fields: {
    ...commonFields('registry'),
    ...poolFields,
    serverAddress: { type: 'string', create: true, required: true, minLength: 1, maxLength: 255 },
  },
  verbs: {
    project: ['list', 'get', 'create', 'update', 'delete', 'act'],
    user: ['list', 'get', 'act'],
    admin: ['list', 'get', 'create', 'update', 'delete', 'act'],
  },
  filters: commonFilters(() => 'registry'),
  links: { ...accountLink, credentials: { to: 'registryCredential', many: { member: 'registryId' } } },
  inProject: true,
  actions: { output: 'storagePool' },
}

/** All pools: registries are some (rancher-api §4.6). */
export const storagePool: TypeSchema = {
  id: 'storagePool',
  plural: 'storagePools',
  stored: ['registry', 'storagePool'],
  base: 'storagePool',
  fields: { ...commonFields('storagePool'), ...poolFields },
  verbs: { project: ['list', 'get', 'act'], user: ['list', 'get', 'act'], admin: ['list', 'get', 'act'] },
  filters: commonFilters((type) => type),
  links: accountLink,
  actions: { output: 'storagePool' },
  children: ['registry'],
}

import type { Filterable, Link, TypeSchema } from '../schema/type-schema.ts'
import { commonFields, commonFilters } from './common-fields.ts'

const { accountId: _, ...fields } = commonFields('user')
const { accountId: __, ...filters } = commonFilters(() => 'project')

const kind: Filterable = { type: 'string', member: 'kind' }

const owned: Readonly<Record<string, Link>> = {
  apiKeys: { to: 'apiKey', many: 'owned' },
  credentials: { to: 'credential', many: 'owned' },
  hosts: { to: 'host', many: 'owned' },
  images: { to: 'image', many: 'owned' },
  pullTasks: { to: 'pullTask', many: 'owned' },
  registries: { to: 'registry', many: 'owned' },
}

const adminOnly = ['admin'] as const

/** rancher-api §4.4. Its list shows projects too: they are accounts. */
export const account: TypeSchema = {
  id: 'account',
  plural: 'accounts',
  stored: ['account', 'project'],
  base: 'account',
  fields: {
    ...fields,
    kind: {
      type: 'string',
      nullable: true,
      maxLength: 255,
      create: adminOnly,
      default: 'user',
      options: ['admin', 'user'],
      show: ({ data }) => data['kind'] ?? 'user',
    },
    externalId: { type: 'string', nullable: true, roles: adminOnly },
    externalIdType: { type: 'string', nullable: true, roles: adminOnly },
  },
  verbs: {
    project: ['list', 'get'],
    user: ['list', 'get'],
    admin: ['list', 'get', 'create', 'update', 'delete', 'act'],
  },
  filters: { ...filters, kind },
  links: owned,
  actions: { output: 'account' },
  children: ['project'],
}

/** What an account owns resources in (rancher-api §4.4). */
export const project: TypeSchema = {
  ...account,
  id: 'project',
  plural: 'projects',
  stored: ['project'],
  kind: 'project',
  fields: {
    ...fields,
    kind: { type: 'string', nullable: true, maxLength: 255, show: () => 'project' },
    kubernetes: { type: 'boolean', show: () => false },
    members: { type: 'array[projectMember]', create: true, update: true, nullable: true },
    publicDns: { type: 'boolean', show: () => false },
    servicesPortRange: { type: 'json', nullable: true },
    swarm: { type: 'boolean', show: () => false },
  },
  verbs: {
    project: ['list', 'get'],
    user: ['list', 'get', 'create', 'update', 'delete', 'act'],
    admin: ['list', 'get', 'create', 'update', 'delete', 'act'],
  },
  filters: { ...filters, kind: { type: 'string', constant: () => 'project' } },
  children: [],
}

import type { TypeSchema } from '../schema/type-schema.ts'
import { accountLink, commonFields, commonFilters } from './common-fields.ts'

/** rancher-api §4.3. Made by agents that register, never by a POST. */
export const host: TypeSchema = {
  id: 'host',
  plural: 'hosts',
  stored: ['host'],
  base: 'host',
  kind: 'docker',
  fields: {
    ...commonFields('docker'),
    agentState: { type: 'string', nullable: true },
    computeTotal: { type: 'int', nullable: true },
    hostname: { type: 'string', nullable: true },
    info: { type: 'json', nullable: true },
    labels: { type: 'map[string]', create: true, update: true, nullable: true },
    physicalHostId: { type: 'reference[physicalHost]', nullable: true },
    publicEndpoints: { type: 'array[publicEndpoint]', nullable: true },
  },
  verbs: {
    project: ['list', 'get', 'update', 'delete', 'act'],
    user: ['list', 'get', 'act'],
    admin: ['list', 'get', 'update', 'delete', 'act'],
  },
  filters: commonFilters(() => 'docker'),
  links: accountLink,
  actions: { output: 'host' },
}

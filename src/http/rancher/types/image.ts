import type { TypeSchema } from '../schema/type-schema.ts'
import { accountLink, commonFields, commonFilters } from './common-fields.ts'

/** rancher-api §4.1. Made by pulls, never by a POST; `hosts` is ours: those that have it. */
export const image: TypeSchema = {
  id: 'image',
  plural: 'images',
  stored: ['image'],
  base: 'image',
  kind: 'image',
  fields: commonFields('image'),
  verbs: {
    project: ['list', 'get', 'act'],
    user: ['list', 'get', 'act'],
    admin: ['list', 'get', 'update', 'act'],
  },
  filters: {
    ...commonFilters(() => 'image'),
    checksum: { type: 'string', constant: () => null },
    format: { type: 'string', constant: () => 'docker' },
    instanceKind: { type: 'enum', constant: () => 'container' },
    isPublic: { type: 'boolean', constant: () => 'false' },
    physicalSizeMb: { type: 'int', constant: () => null },
    registryCredentialId: { type: 'reference[credential]', constant: () => null },
    url: { type: 'string', constant: () => null },
    virtualSizeMb: { type: 'int', constant: () => null },
  },
  links: { ...accountLink, hosts: { to: 'host', many: 'hostsOfImage' } },
  actions: { output: 'image' },
}

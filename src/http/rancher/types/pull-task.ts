import type { TypeSchema } from '../schema/type-schema.ts'
import { accountLink, commonFields, commonFilters } from './common-fields.ts'

/** rancher-api §3.2; the last five fields and the link `hostPulls` are ours. PUT and DELETE are for administrators (§7). */
export const pullTask: TypeSchema = {
  id: 'pullTask',
  plural: 'pullTasks',
  stored: ['pullTask'],
  base: 'genericObject',
  kind: 'pullTask',
  fields: {
    ...commonFields('pullTask'),
    image: { type: 'string', create: true, required: true },
    labels: { type: 'map[string]', create: true },
    mode: { type: 'enum', create: true, required: true, options: ['all', 'cached'], default: 'all' },
    status: { type: 'map[string]', show: ({ key }, { statuses }) => statuses.get(key) ?? null },
    hostIds: { type: 'array[reference[host]]', create: true, nullable: true },
    parallelism: {
      type: 'string',
      create: true,
      nullable: true,
      validChars: '0-9%',
      pattern: /^(?:[1-9]\d{0,5}|(?:[1-9]\d?|100)%)$/,
    },
    pullPolicy: { type: 'enum', create: true, nullable: true, options: ['Always', 'IfNotPresent'], default: 'Always' },
    retries: { type: 'int', create: true, nullable: true, min: 0, max: 100 },
    timeoutSeconds: { type: 'int', create: true, nullable: true, min: 1, max: 604_800 },
  },
  verbs: {
    project: ['list', 'get', 'create', 'act'],
    user: ['list', 'get', 'act'],
    admin: ['list', 'get', 'create', 'update', 'delete', 'act'],
  },
  filters: { ...commonFilters(() => 'pullTask'), key: { type: 'string', column: 'identity' } },
  links: { ...accountLink, hostPulls: { to: 'hostPull', many: 'pullsOfTask' } },
  inProject: true,
  actions: { output: 'genericObject' },
}

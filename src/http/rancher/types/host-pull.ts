import type { Field } from '../schema/field.ts'
import type { TypeSchema } from '../schema/type-schema.ts'

const text: Field = { type: 'string', nullable: true }
const number: Field = { type: 'int', nullable: true }
const date: Field = { type: 'date', nullable: true }

/** Where one host is with one pull task: read-only, ours, under the link `hostPulls` of the task. */
export const hostPull: TypeSchema = {
  id: 'hostPull',
  plural: 'hostPulls',
  stored: [],
  base: 'hostPull',
  fields: {
    attempt: { type: 'int' },
    bytes: number,
    digest: text,
    ended: date,
    error: text,
    hostId: { type: 'reference[host]', nullable: true },
    hostName: text,
    id: number,
    layers: { type: 'array[json]' },
    phase: { type: 'enum', options: ['waiting', 'pulling', 'done', 'failed', 'cancelled'] },
    pullTaskId: { type: 'reference[pullTask]' },
    started: date,
    totalBytes: number,
  },
  verbs: { project: [], user: [], admin: [] },
  filters: {},
  links: {
    host: { to: 'host', one: { member: 'hostId' } },
    pullTask: { to: 'pullTask', one: { member: 'pullTaskId' } },
  },
}

import type { Resource } from '../../../core/resource.ts'
import type { Field } from '../schema/field.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import type { View } from '../schema/view.ts'
import { accountLink, commonFields, commonFilters } from './common-fields.ts'

/** Shown only to who asks with the key, `GET /v1/register?key=…` (rancher-api §4.7). */
function onlyWithKey(field: string): Field {
  const show = ({ identity, data }: Resource, { query }: View) =>
    identity !== null && query.all('key').includes(identity) ? (data[field] ?? null) : undefined
  return { type: 'string', nullable: true, show }
}

/** How a host gets keys of its own. */
export const register: TypeSchema = {
  id: 'register',
  plural: 'register',
  stored: ['register'],
  base: 'genericObject',
  kind: 'register',
  fields: {
    ...commonFields('register'),
    accessKey: onlyWithKey('accessKey'),
    key: {
      ...{ type: 'string', create: true, required: true, minLength: 1, maxLength: 255 },
      show: ({ identity }, { query }) =>
        identity !== null && query.all('key').includes(identity) ? identity : undefined,
    },
    secretKey: { type: 'string', nullable: true, readOnCreateOnly: true, show: () => undefined },
  },
  verbs: {
    project: ['list', 'get', 'create', 'act'],
    user: ['list', 'get', 'act'],
    admin: ['list', 'get', 'create', 'act'],
  },
  filters: { ...commonFilters(() => 'register'), key: { type: 'string', column: 'identity' } },
  links: accountLink,
  inProject: true,
  actions: { output: 'genericObject' },
}

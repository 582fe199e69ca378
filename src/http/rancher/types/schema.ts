import type { Field } from '../schema/field.ts'
import type { TypeSchema } from '../schema/type-schema.ts'

const json: Field = { type: 'json', nullable: true }
const texts: Field = { type: 'array[string]', nullable: true }

/** The type of schemas themselves (rancher-api §1.11). */
export const schema: TypeSchema = {
  id: 'schema',
  plural: 'schemas',
  stored: [],
  base: 'schema',
  fields: {
    collectionActions: json,
    collectionFields: json,
    collectionFilters: json,
    collectionMethods: texts,
    id: { type: 'string', nullable: true },
    includeableLinks: texts,
    pluralName: { type: 'string', nullable: true },
    resourceActions: json,
    resourceFields: json,
    resourceMethods: texts,
  },
  verbs: { project: ['list', 'get'], user: ['list', 'get'], admin: ['list', 'get'] },
  filters: {},
  links: {},
}

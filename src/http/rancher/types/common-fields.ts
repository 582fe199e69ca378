import { isTransitioning } from '../../../core/life-cycle.ts'
import type { Resource, ResourceType } from '../../../core/resource.ts'
import { formatDate } from '../print/dates.ts'
import { formatReference } from '../print/ids.ts'
import type { Field, Fields } from '../schema/field.ts'
import type { Filterable, Link } from '../schema/type-schema.ts'

export const states = [
  ...['activating', 'active', 'deactivating', 'inactive', 'purged', 'purging', 'registering', 'removed', 'removing'],
  ...['requested', 'restoring', 'updating-active', 'updating-inactive'],
]

const readText: Field = { type: 'string', nullable: true }
const readDate: Field = { type: 'date', nullable: true }

/** `writable`: `name` and `description` may be given (rancher-api §3.2). */
export function commonFields(kind: string, writable = true): Fields {
  const given = { create: writable, update: writable, nullable: true }
  return {
    ...lifeFields,
    accountId: { ...owner, show: ({ owner: key }, view) => formatReference('account', key, view) },
    description: { type: 'string', ...given, maxLength: 1024, show: ({ description }) => description },
    kind: { ...readText, maxLength: 255, show: () => kind },
    name: { type: 'string', ...given, maxLength: 255, show: ({ name }) => name },
  }
}

const owner: Field = { type: 'reference[account]', nullable: true, maxLength: 255 }

const lifeFields: Fields = {
  id: { type: 'int', nullable: true },
  data: { type: 'map[json]', nullable: true, roles: ['admin'], show: () => null },
  created: { ...readDate, show: ({ created }) => formatDate(created) },
  removed: { ...readDate, show: ({ removed }) => formatDate(removed) },
  removeTime: { ...readDate, roles: ['admin'], show: ({ removeTime }) => formatDate(removeTime) },
  state: { type: 'enum', options: states, maxLength: 128, show: ({ state }) => state },
  transitioning: { type: 'enum', options: ['yes', 'no', 'error'], show: transitioning },
  transitioningMessage: { ...readText, show: transitioningMessage },
  transitioningProgress: {
    type: 'int',
    nullable: true,
    show: ({ state, progress }) => (isTransitioning(state) && progress !== null ? Math.floor(progress) : null),
  },
  uuid: { ...readText, maxLength: 128, show: ({ uuid }) => uuid },
}

/** rancher-api §2.3. */
function transitioning({ state, failed }: Resource): string {
  if (isTransitioning(state)) return 'yes'
  return failed ? 'error' : 'no'
}

function transitioningMessage({ state, failed, message }: Resource): string | null {
  if (isTransitioning(state)) return message ?? 'In Progress'
  return failed ? message : null
}

/** Columns of every table; `kind` is the same for all rows of a stored type. */
export function commonFilters(kind: (type: ResourceType) => string): Readonly<Record<string, Filterable>> {
  return {
    accountId: { type: 'reference[account]', column: 'owner' },
    created: { type: 'date', column: 'created' },
    description: { type: 'string', column: 'description' },
    id: { type: 'id', column: 'key' },
    kind: { type: 'string', constant: kind },
    name: { type: 'string', column: 'name' },
    removeTime: { type: 'date', column: 'removeTime' },
    removed: { type: 'date', column: 'removed' },
    state: { type: 'enum', column: 'state' },
    uuid: { type: 'string', column: 'uuid' },
  }
}

export const accountLink: Readonly<Record<string, Link>> = { account: { to: 'account', one: 'owner' } }

import type { Resource } from '../../../core/resource.ts'
import type { Field } from '../schema/field.ts'
import type { Role } from '../schema/role.ts'
import type { TypeSchema, Verb } from '../schema/type-schema.ts'
import { accountLink, commonFields, commonFilters } from './common-fields.ts'

const every: readonly Verb[] = ['list', 'get', 'create', 'update', 'delete', 'act']
const reading: readonly Verb[] = ['list', 'get', 'act']

/** There is no `restore` for credentials (rancher-api §2.1). */
const credentialActions = { output: 'credential', without: ['restore'] } as const

const publicValue: Field = { type: 'string', nullable: true, maxLength: 255 }

/** All of them: keys, tokens and log-ins (rancher-api §4.7). */
export const credential: TypeSchema = {
  id: 'credential',
  plural: 'credentials',
  stored: ['apiKey', 'registrationToken', 'registryCredential'],
  base: 'credential',
  fields: { ...commonFields('credential'), publicValue },
  verbs: { project: reading, user: reading, admin: reading },
  filters: commonFilters((type) => type),
  links: accountLink,
  actions: credentialActions,
  children: ['apiKey', 'registrationToken', 'registryCredential'],
}

/** What logs in at a registry. The password is never shown. */
export const registryCredential: TypeSchema = {
  ...credential,
  id: 'registryCredential',
  plural: 'registryCredentials',
  stored: ['registryCredential'],
  kind: 'registryCredential',
  inProject: true,
  fields: {
    ...commonFields('registryCredential'),
    email: { type: 'string', create: true, update: true, required: true, minLength: 1, maxLength: 255 },
    publicValue: { type: 'string', create: true, update: true, nullable: true, maxLength: 4096 },
    registryId: { type: 'reference[registry]', create: true, required: true },
    secretValue: { type: 'password', create: true, update: true, nullable: true, maxLength: 4096, show: () => null },
  },
  verbs: { project: every, user: reading, admin: every },
  filters: {
    ...commonFilters(() => 'registryCredential'),
    registryId: { type: 'reference[registry]', member: 'registryId' },
  },
  links: { ...accountLink, registry: { to: 'registry', one: { member: 'registryId' } } },
  children: [],
}

const fromAdmin: readonly Role[] = ['admin']

/** What logs in here: an account's, or a project's. */
export const apiKey: TypeSchema = {
  ...credential,
  id: 'apiKey',
  plural: 'apiKeys',
  stored: ['apiKey'],
  kind: 'apiKey',
  fields: {
    ...commonFields('apiKey'),
    accountId: { ...commonFields('apiKey')['accountId'], type: 'reference[account]', create: fromAdmin },
    publicValue,
    secretValue: { type: 'password', nullable: true, maxLength: 255, readOnCreateOnly: true, show: () => null },
  },
  verbs: { project: every, user: every, admin: every },
  filters: { ...commonFilters(() => 'apiKey'), publicValue: { type: 'string', column: 'identity' } },
  children: [],
}

/** What a host registers with: the command to join is its purpose (rancher-api §4.7). */
export const registrationToken: TypeSchema = {
  ...credential,
  id: 'registrationToken',
  plural: 'registrationTokens',
  stored: ['registrationToken'],
  kind: 'registrationToken',
  inProject: true,
  fields: {
    ...commonFields('registrationToken'),
    command: { type: 'string', nullable: true, show: (token, { urls }) => joinCommand(token, urls.origin) },
    image: { type: 'string', nullable: true },
    registrationUrl: { type: 'string', nullable: true, show: (token, { urls }) => scriptUrl(token, urls.origin) },
    token: { type: 'string', nullable: true },
  },
  verbs: { project: ['list', 'get', 'create', 'act'], user: reading, admin: every },
  filters: commonFilters(() => 'registrationToken'),
  children: [],
}

/** The script that the server prints for this token. */
function scriptUrl({ data }: Resource, origin: string): string | null {
  const token = data['token']
  return typeof token === 'string' ? `${origin}/v1/scripts/${token}` : null
}

function joinCommand(token: Resource, origin: string): string | null {
  const url = scriptUrl(token, origin)
  return url === null ? null : `curl -fsSL ${url} | sh`
}

import { sha256Hex } from '../../core/digest.ts'
import { DeckleError } from '../../core/errors.ts'
import type { NewResource, Resource, ResourceStore } from '../../core/resource.ts'
import { isWorking } from './api-keys.ts'
import { findResource } from './find-resource.ts'
import { isSame, type KeyPair, newKeyPair, randomText } from './key-pair.ts'
import { livingStates, overtaken } from './life-cycle.ts'
import { identityText, newRow, projectOf, type RuleServices, requireStorable, type TypeRules } from './type-rules.ts'

/** What hosts join a project with. Whoever sees the project may read it again: the command to join is its purpose (rancher-api §4.7). */
export const registrationTokens: TypeRules = {
  async create({ resources, now }, fields, by) {
    const { accessKey } = newKeyPair()
    const data = { token: `${accessKey}:${now().getTime()}:${randomText(27)}` }
    const row = newRow(fields, { type: 'registrationToken', owner: projectOf(by), identity: accessKey, data })
    return { resource: await resources.create(row) }
  },
}

/** `POST /v1/register`: as a host's agent does it, by somebody of the project. The keys are told once. */
export const registers: TypeRules = {
  async create(services, fields, by) {
    const { resources } = services
    const project = projectOf(by)
    const key = identityText(fields, 'key')
    const { host, ...keys } = await joinHost(services, project, { identity: key })
    const data = { hostId: host.key, accessKey: keys.accessKey }
    const row = newRow(fields, { type: 'register', owner: project, identity: key, data })
    return { resource: await createOrRenew(resources, row), once: { ...keys } }
  },
}

/** What an agent says of its host. */
export interface HostFacts {
  /** Made by the agent, once for its host. */
  readonly identity: string
  readonly hostname?: string
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface JoinedHost extends KeyPair {
  readonly host: Resource
}

type JoinServices = Pick<RuleServices, 'resources' | 'life'>

/** Registers a host with the token of its project; again is the same host with new keys. Throws kind `unauthenticated`. */
export async function registerHost(services: JoinServices, token: string, facts: HostFacts): Promise<JoinedHost> {
  requireStorable({ ...facts })
  const found = await goodToken(services.resources, token)
  const project = await findResource(services.resources, ['project'], found?.owner)
  if (project !== undefined && isWorking(project)) return joinHost(services, project.key, facts)
  throw new DeckleError('unauthenticated', 'The registration token is unknown or no longer good; make a new one')
}

/** The token's row while it may be used, and the script that carries it may be shown. */
export async function goodToken(resources: ResourceStore, token: string): Promise<Resource | undefined> {
  const found = await resources.findAnywhere('registrationToken', token.split(':', 1)[0] ?? '')
  const known = found?.data['token']
  if (found === undefined || typeof known !== 'string' || !isSame(known, token)) return undefined
  return isWorking(found) ? found : undefined
}

async function joinHost({ resources, life }: JoinServices, project: number, facts: HostFacts): Promise<JoinedHost> {
  const host = await hostOf({ resources, life }, project, facts)
  const { accessKey, secretKey } = newKeyPair()
  const data = { secretSha256: sha256Hex(secretKey) }
  const made = await resources.create({ type: 'agentKey', owner: host.key, identity: accessKey, state: 'active', data })
  // Of two that register at once, the later one's keys stay.
  const before = { column: 'key', test: 'lt', value: made.key } as const
  await life.removeAll({ types: ['agentKey'], owners: [host.key], filters: [before] })
  return { host, accessKey, secretKey }
}

async function hostOf({ resources, life }: JoinServices, project: number, facts: HostFacts): Promise<Resource> {
  const found = await resources.find('host', project, facts.identity)
  if (found !== undefined) return renewed(resources, found, facts)
  const { identity, hostname = null, name = hostname, labels = {} } = facts
  const data = { ...(hostname !== null && { hostname }), labels, agentLabels: labels, info: {} }
  const host = await resources.create({ type: 'host', owner: project, name, identity, state: 'registering', data })
  life.begin(host)
  return host
}

/** Its labels come with the greeting of its agent. */
async function renewed(resources: ResourceStore, host: Resource, { hostname, name }: HostFacts): Promise<Resource> {
  const change = { ...(name !== undefined && { name }), ...(hostname !== undefined && { data: { hostname } }) }
  const changed = await resources.change(host.key, livingStates, change)
  if (changed === undefined) throw overtaken(host)
  return changed
}

async function createOrRenew(resources: ResourceStore, row: NewResource): Promise<Resource> {
  const { owner, identity = '', data } = row
  const found = await resources.find('register', owner, identity)
  const renewed = found && (await resources.change(found.key, livingStates, { data }))
  return renewed ?? resources.create(row)
}

import { BoundedCache } from '../core/bounded-cache.ts'
import type { ClientCheck, PublicationAccess, Visitor } from '../core/content-access.ts'
import type { Log } from '../core/log.ts'
import type { Plugins } from '../core/plugin.ts'
import type { PublishedContent, PublishedPath, ServedPublication } from '../core/publication.ts'
import type { ContentAnswer } from './content-answer.ts'

export interface GuardOptions {
  readonly content: Pick<PublishedContent, 'config'>
  readonly plugins: Plugins
  readonly hasTls?: boolean
  readonly checkClient?: ClientCheck
  readonly log: Log
}

export type Refusal = Extract<ContentAnswer, { kind: 'forbidden' | 'not-found' }>

const learntBytes = 4 * 1024 * 1024
const accessBytes = 200
const open: PublicationAccess = { http: true, https: true, clientAuthority: null }
const nobody: ClientCheck = () => 'nobody is let in here'
/** Of what was taken away meanwhile. */
const gone: Refusal = { kind: 'not-found' }

/**
 * Who may see a publication, by the config that it was sealed with (DESIGN §5). That is read once for each publication that is asked
 * for; after that a decision asks nobody.
 */
export class PublicationGuard {
  readonly #content: GuardOptions['content']
  readonly #plugins: Plugins
  readonly #hasTls: boolean
  readonly #checkClient: ClientCheck
  readonly #log: Log
  readonly #known = new WeakMap<ServedPublication, PublicationAccess>()
  /** By key: the same publication comes as another object when its base path is read again. */
  readonly #learnt = new BoundedCache<PublicationAccess>(learntBytes)

  constructor({ content, plugins, hasTls = false, checkClient = nobody, log }: GuardOptions) {
    this.#log = log
    this.#content = content
    this.#plugins = plugins
    this.#hasTls = hasTls
    this.#checkClient = checkClient
  }

  /** Whether the visitor may see the live publication, as far as that is known. */
  admits({ publications }: PublishedPath, path: string, visitor: Visitor): boolean {
    const [live] = publications
    const access = live && this.#known.get(live)
    return access !== undefined && this.#refusalBy(access, path, visitor) === undefined
  }

  /** Why the visitor may not see a publication. */
  async refusal(publication: ServedPublication, path: string, visitor: Visitor): Promise<Refusal | undefined> {
    const access = this.#known.get(publication) ?? (await this.#learn(publication))
    return access === undefined ? gone : this.#refusalBy(access, path, visitor)
  }

  /** What the visitor may see: the live one, without which there is nothing, and those superseded ones that he might see too. */
  async admitted(
    { publications }: PublishedPath,
    path: string,
    visitor: Visitor,
  ): Promise<readonly ServedPublication[] | Refusal> {
    const [live, ...superseded] = publications
    const refusal = live && (await this.refusal(live, path, visitor))
    if (live === undefined || refusal !== undefined) return refusal ?? []
    const refusals = await Promise.all(superseded.map((one) => this.refusal(one, path, visitor)))
    return [live, ...superseded.filter((_, index) => refusals[index] === undefined)]
  }

  async #learn(publication: ServedPublication): Promise<PublicationAccess | undefined> {
    const key = String(publication.id)
    const access = this.#learnt.get(key) ?? (await this.#read(publication))
    if (access === undefined) return undefined
    if (!this.#hasTls && this.#learnt.get(key) === undefined) this.#warn(publication, access)
    this.#learnt.set(key, access, accessBytes + (access.clientAuthority?.length ?? 0))
    this.#known.set(publication, access)
    return access
  }

  async #read({ id, distributorType }: ServedPublication): Promise<PublicationAccess | undefined> {
    const ofGroup = this.#plugins.findGroupDistributor(distributorType)?.serving
    const distributor = this.#plugins.findDistributor(distributorType) ?? ofGroup
    if (distributor?.access === undefined) return open
    const config = await this.#content.config(id)
    return config && distributor.access(config)
  }

  /** What the config asks for and TLS is needed for. */
  #warn({ id, distributorType }: ServedPublication, { http, clientAuthority }: PublicationAccess): void {
    const fields = { publication: id, distributor: distributorType }
    if (clientAuthority !== null) this.#log.warn('a protected publication is served to nobody: TLS is off', fields)
    else if (!http) this.#log.warn('a publication for HTTPS only is served over plain HTTP: TLS is off', fields)
  }

  #refusalBy(access: PublicationAccess, path: string, visitor: Visitor): Refusal | undefined {
    const { protocol } = visitor
    if (this.#hasTls && !access[protocol]) return elsewhere(protocol)
    return access.clientAuthority === null ? undefined : this.#protectedBy(access.clientAuthority, path, visitor)
  }

  #protectedBy(authority: string, path: string, visitor: Visitor): Refusal | undefined {
    if (visitor.protocol === 'http') return forbidden(this.#hasTls ? overHttps : withoutTls)
    const fault = this.#checkClient(visitor.chain(), authority, withoutTree(path))
    return fault === undefined ? undefined : forbidden(`This is protected: ${fault}`)
  }
}

const overHttps = 'This is protected, and never goes over plain HTTP: ask over HTTPS, with a client certificate'
const withoutTls = 'This is protected, and never goes over plain HTTP: the server needs TLS first (DECKLE_TLS)'

function forbidden(reason: string): Refusal {
  return { kind: 'forbidden', reason }
}

function elsewhere(protocol: Visitor['protocol']): Refusal {
  return { kind: 'not-found', reason: `This is published over ${protocol === 'http' ? 'HTTPS' : 'HTTP'} only` }
}

/** `/pulp/repos/zoo/a.rpm` → `zoo/a.rpm`: what the paths of entitlement certificates begin with. */
function withoutTree(path: string): string {
  return path.split('/').slice(3).join('/')
}

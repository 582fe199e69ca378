import type { RancherCollection } from '../wire/rancher/collection.ts'
import type { RancherResource } from '../wire/rancher/resource.ts'
import type { RancherSchema } from '../wire/rancher/schema.ts'
import { type Call, type Connection, send } from './http-connection.ts'
import type {
  HostPullReport,
  HostReport,
  ImageReport,
  NewPullTask,
  ProjectReport,
  PullTaskReport,
} from './rancher-answers.ts'
import { UnreachableError } from './server-error.ts'

/**
 * Typed calls of the Rancher API inside one project. It knows one path; all else are links of answers. Calls throw ServerError with
 * the server's own text, or UnreachableError. Whether a body has the promised shape is trusted: the other side is our server.
 */
export class RancherClient {
  readonly #connection: Connection
  readonly #headers: Readonly<Record<string, string>>
  readonly #collections: ReadonlyMap<string, string>

  private constructor(
    connection: Connection,
    headers: Readonly<Record<string, string>>,
    schemas: readonly RancherSchema[],
  ) {
    this.#connection = connection
    this.#headers = headers
    this.#collections = new Map(
      schemas.flatMap(({ id, links }) => (links['collection'] ? [[id, links['collection']]] : [])),
    )
  }

  /** `choose` picks one of the projects that the caller may act in. */
  static async open(
    connection: Connection,
    choose: (projects: readonly ProjectReport[]) => ProjectReport,
  ): Promise<RancherClient> {
    const outside = await RancherClient.#discover(connection, {})
    const { id } = choose(await outside.#list<ProjectReport>('project'))
    return RancherClient.#discover(connection, { 'x-api-project-id': id })
  }

  static async #discover(connection: Connection, headers: Readonly<Record<string, string>>): Promise<RancherClient> {
    const start = new RancherClient(connection, headers, [])
    const { links } = await start.#call<RancherResource>('GET', '/v1')
    return new RancherClient(
      connection,
      headers,
      await start.#all<RancherSchema>(start.#known(links['schemas'], 'schemas')),
    )
  }

  hosts(): Promise<HostReport[]> {
    return this.#list('host')
  }

  images(): Promise<ImageReport[]> {
    return this.#list('image')
  }

  pull(task: NewPullTask): Promise<PullTaskReport> {
    return this.#call('POST', this.#collection('pullTask'), task)
  }

  reload<Kind extends RancherResource>(resource: Kind): Promise<Kind> {
    return this.#call('GET', this.#known(resource.links['self'], resource.id))
  }

  /** What a link of a resource lists; nothing where it has no such link. */
  async linked<Kind extends RancherResource>(resource: RancherResource, link: string): Promise<Kind[]> {
    const url = resource.links[link]
    return url === undefined ? [] : this.#all<Kind>(url)
  }

  hostPulls(task: PullTaskReport): Promise<HostPullReport[]> {
    return this.linked(task, 'hostPulls')
  }

  #list<Kind extends RancherResource>(type: string): Promise<Kind[]> {
    return this.#all<Kind>(this.#collection(type))
  }

  #collection(type: string): string {
    return this.#known(this.#collections.get(type), type)
  }

  #known(url: string | undefined, what: string): string {
    if (url !== undefined) return url
    throw new UnreachableError(this.#connection.url, `the server offers no ${what} to whom it was asked by`)
  }

  /** All pages. */
  async #all<Kind extends RancherResource>(url: string): Promise<Kind[]> {
    const found: RancherResource[] = []
    for (let next: string | null = url; next !== null; ) {
      const page: RancherCollection = await this.#call('GET', next)
      found.push(...page.data)
      next = page.pagination?.next ?? null
    }
    return found as Kind[]
  }

  /** Only the path of a link counts: what proves who asks goes to no other server than the one that was named. */
  async #call<Answer>(method: Call['method'], url: string, body?: unknown): Promise<Answer> {
    const { pathname, search } = new URL(url, this.#connection.url)
    const call: Call = { method, path: `${pathname}${search}`, body, headers: this.#headers }
    return (await send(this.#connection, call)) as Answer
  }
}

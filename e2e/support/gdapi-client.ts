import { setTimeout as sleep } from 'node:timers/promises'
import type { RancherCollection } from '../../src/wire/rancher/collection.ts'
import type { RancherErrorBody } from '../../src/wire/rancher/error.ts'
import type { RancherObject, RancherResource, RancherValue } from '../../src/wire/rancher/resource.ts'
import type { RancherSchema } from '../../src/wire/rancher/schema.ts'
import { type GdapiAnswer, GdapiTransport } from './gdapi-transport.ts'

export type Fields = Readonly<Record<string, RancherValue>>
/** Conditions of a list: `{ name: 'x', state_ne: 'active', limit: 5 }`. */
export type Conditions = Readonly<Record<string, string | number>>

export interface GdapiOptions {
  /** `Authorization` as it is sent; who names no keys sends `None:None`. */
  readonly authorization?: string
}

/** Something that the schema, the links or the actions do not offer: found out before anything is sent. */
export class NotOffered extends Error {}

/** An answer that is no success. */
export class GdapiError extends Error {
  readonly status: number
  readonly body: RancherErrorBody

  constructor(body: RancherErrorBody) {
    super(`${body.status} ${body.code}: ${body.fieldName ?? body.message} ${body.detail ?? ''}`)
    this.status = body.status
    this.body = body
  }
}

/**
 * A client as gdapi's (rancher-api §6.1): it starts at one URL, finds the schemas by a header, and after that only follows schemas,
 * links and actions. It makes no URL but `<collection>/<id>`.
 */
export class GdapiClient {
  readonly #transport: GdapiTransport
  readonly schemas: ReadonlyMap<string, RancherSchema>
  /** The last answer, with what the calls below do not return. */
  get last(): GdapiAnswer {
    return this.#transport.last
  }

  private constructor(transport: GdapiTransport, schemas: readonly RancherSchema[]) {
    this.#transport = transport
    this.schemas = new Map(schemas.map((schema) => [schema.id, schema]))
  }

  /** Throws GdapiError where it is not let in. */
  static async start(url: string, options: GdapiOptions = {}): Promise<GdapiClient> {
    const none = `Basic ${Buffer.from('None:None').toString('base64')}`
    const transport = new GdapiTransport({ authorization: options.authorization ?? none })
    const first = success(await transport.send('GET', url))
    const named = first.headers.get('x-api-schemas')
    if (named === null) throw new Error(`${url} does not say where the schemas are`)
    const schemas = named === url ? first : success(await transport.send('GET', named))
    const { data } = schemas.body as unknown as RancherCollection
    return new GdapiClient(transport, data.filter(({ type }) => type === 'schema') as unknown as RancherSchema[])
  }

  async list(type: string, conditions: Conditions = {}): Promise<RancherCollection> {
    return (await this.#get(this.#collection(type, 'GET'), conditions)) as unknown as RancherCollection
  }

  /** The next page; undefined on the last one. */
  async next(page: RancherCollection): Promise<RancherCollection | undefined> {
    const url = page.pagination?.next
    return typeof url === 'string' ? ((await this.#get(url, {})) as unknown as RancherCollection) : undefined
  }

  /** Undefined where the server says 404, in the body. */
  async byId(type: string, id: string): Promise<RancherResource | undefined> {
    try {
      return (await this.#get(`${this.#collection(type, 'GET')}/${encodeURIComponent(id)}`, {})) as RancherResource
    } catch (error) {
      if (error instanceof GdapiError && error.status === 404) return undefined
      throw error
    }
  }

  async create(type: string, fields: Fields = {}): Promise<RancherResource> {
    return (await this.#call('POST', this.#collection(type, 'POST'), fields)) as RancherResource
  }

  async update(resource: RancherResource, fields: Fields): Promise<RancherResource> {
    if (!this.schemaOf(resource.type).resourceMethods.includes('PUT')) throw new NotOffered(`${resource.type}: PUT`)
    return (await this.#persistently('PUT', self(resource), fields)) as RancherResource
  }

  async delete(resource: RancherResource): Promise<RancherResource> {
    return (await this.#call('DELETE', self(resource))) as RancherResource
  }

  async act(resource: RancherResource, action: string, input: Fields = {}): Promise<RancherResource> {
    const url = resource.actions[action]
    if (url === undefined) throw new NotOffered(`${resource.id}: ${action}`)
    return (await this.#persistently('POST', url, input)) as RancherResource
  }

  /** The resource or list that a link leads to. */
  async follow(resource: RancherObject, link: string, conditions: Conditions = {}): Promise<RancherObject> {
    const links = resource['links'] as Readonly<Record<string, string>> | undefined
    const url = links?.[link]
    if (url === undefined) throw new NotOffered(`link ${link}`)
    return this.#get(url, conditions)
  }

  async followList(resource: RancherObject, link: string, conditions: Conditions = {}): Promise<RancherCollection> {
    return (await this.follow(resource, link, conditions)) as unknown as RancherCollection
  }

  /** By type and id. */
  async reload(resource: RancherResource): Promise<RancherResource> {
    const found = await this.byId(resource.type, resource.id)
    if (found === undefined) throw new Error(`${resource.type} ${resource.id} is gone`)
    return found
  }

  /** Reloads until `transitioning` is not `yes` (rancher-api §2.3); throws with its message unless it is `no`. */
  async waitSuccess(resource: RancherResource, seconds = 45): Promise<RancherResource> {
    const end = performance.now() + seconds * 1000
    let seen = resource
    for (let pause = 10; seen['transitioning'] === 'yes'; pause = Math.min(pause * 2, 2000)) {
      if (performance.now() > end) throw new Error(`${seen.id} is still ${seen['state']}: ${JSON.stringify(seen)}`)
      await sleep(pause)
      seen = await this.reload(seen)
    }
    if (seen['transitioning'] !== 'no') throw new Error(`${seen.id}: ${seen['transitioningMessage']}`)
    return seen
  }

  schemaOf(type: string): RancherSchema {
    const schema = this.schemas.get(type)
    if (schema === undefined) throw new NotOffered(`schema ${type}`)
    return schema
  }

  /** A URL of an answer, as it is. */
  visit(url: string, conditions: Conditions = {}): Promise<RancherObject> {
    return this.#get(url, conditions)
  }

  #collection(type: string, method: 'GET' | 'POST'): string {
    const { collectionMethods, links } = this.schemaOf(type)
    const url = links['collection']
    if (url === undefined || !collectionMethods.includes(method)) throw new NotOffered(`${type}: ${method}`)
    return url
  }

  #get(url: string, conditions: Conditions): Promise<RancherObject> {
    const target = new URL(url)
    for (const [name, value] of Object.entries(conditions)) target.searchParams.append(name, String(value))
    return this.#call('GET', target.href)
  }

  async #call(method: string, url: string, body?: Fields): Promise<RancherObject> {
    return success(await this.#transport.send(method, url, body)).body
  }

  /** Three tries while somebody else holds it. */
  async #persistently(method: string, url: string, body: Fields): Promise<RancherObject> {
    for (let left = 2; ; left--) {
      try {
        return await this.#call(method, url, body)
      } catch (error) {
        if (left === 0 || !(error instanceof GdapiError) || error.status !== 409) throw error
        await sleep(100)
      }
    }
  }
}

function self(resource: RancherResource): string {
  const url = resource.links['self']
  if (url === undefined) throw new NotOffered(`${resource.id}: self`)
  return url
}

function success(answer: GdapiAnswer): GdapiAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer
  throw new GdapiError(answer.body as unknown as RancherErrorBody)
}

import { DeckleError } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json.ts'
import { fetchText, type TextAnswer } from '../fetch-text.ts'
import { parsedJson } from '../read-whole.ts'
import type { Credential } from './engine-image.ts'

const mediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** Reads manifests of one repository of a registry (OCI Distribution, "Pulling manifests"), with its tokens or with Basic. */
export class RegistryReader {
  readonly #base: URL
  readonly #path: string
  readonly #basic: string | undefined
  readonly #signal: AbortSignal
  #authorization: string | undefined

  constructor(host: string, path: string, credential: Credential | undefined, signal: AbortSignal) {
    this.#base = new URL(`${isLoopback(host) ? 'http' : 'https'}://${host}/`)
    this.#path = path
    this.#basic = credential === undefined ? undefined : basic(credential)
    this.#signal = signal
  }

  /** `reference` is a tag or a digest. Throws kind `upstream`. */
  async manifest(reference: string): Promise<Readonly<Record<string, unknown>>> {
    const url = new URL(`/v2/${this.#path}/manifests/${reference}`, this.#base)
    let answer = await this.#get(url, this.#authorization)
    if (answer.status === 401) answer = await this.#get(url, await this.#authorize(answer.challenge))
    const manifest = parsedJson(answer.text)
    if (answer.status === 200 && isJsonObject(manifest)) return manifest
    throw new DeckleError('upstream', `The registry answered with status ${answer.status}`)
  }

  #get(url: URL, authorization: string | undefined): Promise<TextAnswer> {
    const headers = { accept: mediaTypes, ...(authorization === undefined ? {} : { authorization }) }
    return fetchText(url, { headers, signal: this.#signal })
  }

  async #authorize(challenge: string): Promise<string | undefined> {
    const realm = /\brealm="([^"]+)"/i.exec(challenge)?.[1]
    this.#authorization =
      /^bearer\b/i.test(challenge) && realm !== undefined ? await this.#token(realm, challenge) : this.#basic
    return this.#authorization
  }

  /** RFC 6750 as registries use it: the credentials go to the realm, which must not be less safe than the registry itself. */
  async #token(realm: string, challenge: string): Promise<string> {
    const url = new URL(realm)
    if (url.protocol !== 'https:' && this.#base.protocol === 'https:') {
      throw new DeckleError('upstream', 'The registry wants credentials to be sent in the clear')
    }
    const service = /\bservice="([^"]*)"/i.exec(challenge)?.[1]
    if (service !== undefined) url.searchParams.set('service', service)
    url.searchParams.set('scope', `repository:${this.#path}:pull`)
    const answer = parsedJson((await this.#get(url, this.#basic)).text)
    const token = isJsonObject(answer) ? (answer['token'] ?? answer['access_token']) : undefined
    if (typeof token === 'string') return `Bearer ${token}`
    throw new DeckleError('upstream', 'The registry gave no token')
  }
}

function basic({ username, password }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** Engines speak plain HTTP to a registry on their own host without being told. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host)
}

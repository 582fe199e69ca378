import type { RancherObject } from '../../src/wire/rancher/resource.ts'

export interface GdapiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: RancherObject
}

/** Sends requests as python-requests does for gdapi (rancher-api §6.1): no Content-Type, JSON expected in every answer. */
export class GdapiTransport {
  readonly #headers: Readonly<Record<string, string>>
  #last: GdapiAnswer | undefined

  constructor(headers: Readonly<Record<string, string>>) {
    this.#headers = { accept: 'application/json', 'user-agent': 'python-requests/2.9.1', ...headers }
  }

  get last(): GdapiAnswer {
    if (this.#last === undefined) throw new Error('nothing was asked yet')
    return this.#last
  }

  /** Throws where the answer is no JSON. */
  async send(method: string, url: string, body?: object): Promise<GdapiAnswer> {
    // fetch names no type for bytes, as it would for a text.
    const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }
    const response = await fetch(url, { method, headers: this.#headers, ...bytes })
    const { status, headers } = response
    this.#last = { status, headers, body: JSON.parse(await response.text()) as RancherObject }
    return this.#last
  }
}

import type { ServerResponse } from 'node:http'

/** Writes a body and tells when bytes have left, so that their memory can be used again. */
export class BodyWriter {
  readonly #response: ServerResponse
  #settle = () => {}

  constructor(response: ServerResponse) {
    this.#response = response
    response.once('close', () => this.#settle())
  }

  /** Resolves when the system has taken the bytes, or never will because the client left. One at a time. */
  write(chunk: Uint8Array): Promise<void> {
    if (this.#response.destroyed) return Promise.resolve()
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#response.write(chunk, () => resolve())
    })
  }
}

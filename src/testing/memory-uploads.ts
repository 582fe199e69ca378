import { randomUUID } from 'node:crypto'
import { notFound } from '../core/errors.ts'
import type { UploadStore } from '../core/upload.ts'

/** Uploads without a disk. */
export class MemoryUploads implements UploadStore {
  readonly #files = new Map<string, Buffer>()
  /** The largest `announced` so far. */
  announced = 0

  async create() {
    const id = randomUUID()
    this.#files.set(id, Buffer.alloc(0))
    return id
  }

  async list() {
    return [...this.#files.keys()]
  }

  async write(id: string, offset: number, body: AsyncIterable<Uint8Array>, announced = 0) {
    this.announced = Math.max(this.announced, announced)
    this.bytes(id)
    const chunk = Buffer.concat(await Array.fromAsync(body))
    const old = this.bytes(id)
    const file = Buffer.alloc(Math.max(old.length, offset + chunk.length))
    file.set(old)
    file.set(chunk, offset)
    this.#files.set(id, file)
  }

  async open(id: string) {
    const bytes = this.bytes(id)
    return {
      size: bytes.length,
      async *read() {
        yield bytes
      },
    }
  }

  async delete(id: string) {
    this.#files.delete(id)
  }

  bytes(id: string): Buffer {
    const file = this.#files.get(id)
    if (file === undefined) throw notFound({ upload_request: id })
    return file
  }
}

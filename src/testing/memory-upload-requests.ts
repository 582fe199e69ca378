import { randomUUID } from 'node:crypto'
import type { UploadRequests } from '../core/upload.ts'

/** Upload requests without a database. */
export class MemoryUploadRequests implements UploadRequests {
  /** What an import that has not ended names. */
  readonly importing = new Set<string>()
  /** Id → when somebody last worked on it, milliseconds of `now`. */
  readonly #touched = new Map<string, number>()
  now = 0

  async create() {
    const id = randomUUID()
    this.#touched.set(id, this.now)
    return id
  }

  async list() {
    return [...this.#touched.keys()]
  }

  async touch(id: string) {
    if (!this.#touched.has(id)) return false
    this.#touched.set(id, this.now)
    return true
  }

  async delete(id: string) {
    this.#touched.delete(id)
  }

  async present(ids: readonly string[]) {
    return new Set(ids.filter((id) => this.#touched.has(id)))
  }

  async deleteIdle(idleSeconds: number, limit: number) {
    const idle = [...this.#touched].filter(
      ([id, touched]) => this.now - touched > idleSeconds * 1000 && !this.importing.has(id),
    )
    const ids = idle.slice(0, limit).map(([id]) => id)
    for (const id of ids) this.#touched.delete(id)
    return ids
  }
}

import type { DeferredFile, DeferredFileStore, LeaseAnswer, RepositoryFile } from '../core/deferred-file.ts'
import type { Measured } from '../core/digest.ts'

/** Without renewal. */
const leaseMs = 5_000

interface Held {
  readonly file: DeferredFile
  stored: Measured | undefined
  lease: { readonly holder: string; handle: string | null; until: number } | undefined
}

/** Deferred files of all "processes" of a test, with the rules of the real store. Files belong to one repository. */
export class MemoryDeferredFiles implements DeferredFileStore {
  readonly #files = new Map<number, Held>()

  add(file: DeferredFile): void {
    this.#files.set(file.key, { file, stored: undefined, lease: undefined })
  }

  /** As if its holder had not been heard of for too long. */
  expire(key: number): void {
    const held = this.#files.get(key)
    if (held !== undefined) held.lease = undefined
  }

  delete(key: number): void {
    this.#files.delete(key)
  }

  stored(key: number): Measured | undefined {
    return this.#files.get(key)?.stored
  }

  /** Who fetches it now. */
  holder(key: number): string | undefined {
    const held = this.#files.get(key)
    return held === undefined ? undefined : live(held)?.holder
  }

  async get(key: number): Promise<DeferredFile | undefined> {
    return this.#files.get(key)?.file
  }

  async lease(key: number, holder: string): Promise<LeaseAnswer> {
    const held = this.#files.get(key)
    if (held === undefined) return { state: 'gone' }
    if (held.stored !== undefined) return { state: 'stored', blob: held.stored }
    const lease = live(held)
    if (lease !== undefined && lease.holder !== holder) return { state: 'held', handle: lease.handle }
    held.lease = { holder, handle: null, until: performance.now() + leaseMs }
    return { state: 'taken' }
  }

  async renew(key: number, holder: string, handle: string | null): Promise<boolean> {
    const held = this.#files.get(key)
    if (held?.lease?.holder !== holder) return false
    held.lease = { holder, handle, until: performance.now() + leaseMs }
    return true
  }

  async release(key: number, holder: string): Promise<void> {
    const held = this.#files.get(key)
    if (held?.lease?.holder === holder) held.lease = undefined
  }

  async complete(key: number, holder: string, blob: Measured): Promise<void> {
    const held = this.#files.get(key)
    if (held === undefined) return
    held.stored = blob
    if (held.lease?.holder === holder) held.lease = undefined
  }

  async forget(sha256: string): Promise<void> {
    for (const held of this.#files.values()) {
      if (held.stored?.sha256 === sha256) held.stored = undefined
    }
  }

  async *ofRepository(_repositoryId: string, which: 'missing' | 'all'): AsyncGenerator<RepositoryFile> {
    for (const { file, stored } of this.#files.values()) {
      if (which === 'missing' && stored !== undefined) continue
      yield { key: file.key, path: String(file.key), size: file.expected.size ?? null, stored: stored ?? null }
    }
  }

  async hasMissing(): Promise<boolean> {
    return [...this.#files.values()].some(({ stored }) => stored === undefined)
  }
}

function live({ lease }: Held): Held['lease'] {
  return lease !== undefined && lease.until > performance.now() ? lease : undefined
}

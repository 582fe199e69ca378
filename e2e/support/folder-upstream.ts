import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { UpstreamServer } from '../../src/testing/upstream-server.ts'
import { sha256 } from './published.ts'

/** An upstream that serves a folder below `/u/`, records what is asked for, and can be made to fail. */
export class FolderUpstream {
  readonly server: UpstreamServer
  /** The address of the folder, with its last slash. */
  readonly feed: string
  readonly #folder: string
  #served = new Set<string>()

  private constructor(server: UpstreamServer, folder: string) {
    this.server = server
    this.feed = server.url('/u/')
    this.#folder = folder
  }

  /** Closed when the test ends. */
  static async of(folder: string): Promise<FolderUpstream> {
    const upstream = new FolderUpstream(await UpstreamServer.start(), folder)
    await upstream.update()
    return upstream
  }

  /** Serves what is in the folder now, and forgets all faults. */
  async update(): Promise<void> {
    for (const path of this.#served) this.server.remove(target(path))
    this.#served = new Set(await filesBelow(this.#folder))
    for (const path of this.#served) this.server.put(target(path), () => ({ body: this.read(path) }))
  }

  read(path: string): Buffer {
    return readFileSync(join(this.#folder, path))
  }

  sha256(path: string): string {
    return sha256(this.read(path))
  }

  /** Answers the request for a file in another way. */
  fail(path: string, fault: Parameters<UpstreamServer['put']>[1]): void {
    this.server.put(target(path), fault)
  }

  /** Answers a file only once the result is called. */
  holdBack(path: string): () => void {
    const gate = Promise.withResolvers<void>()
    this.server.put(target(path), () => ({ body: this.read(path), until: gate.promise }))
    return gate.resolve
  }

  /** Resolves when somebody asks for a file that has not been asked for yet. */
  asked(path: string): Promise<void> {
    return new Promise((resolve) => {
      this.server.onRequest = (request) => {
        if (request.path === target(path)) resolve()
      }
    })
  }

  /** Runs `work` and returns the paths that were asked for in it, sorted. */
  async requestsOf(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.server.requests.length
    await work()
    const paths = this.server.requests.slice(before).map((request) => request.path)
    return paths.map((path) => path.replace(/^\/u\//, '')).sort()
  }
}

const target = (path: string) => `/u/${path.split('/').map(encodeURIComponent).join('/')}`

/** Paths of all files below a folder, relative to it, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort()
}

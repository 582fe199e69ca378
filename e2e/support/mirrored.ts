import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { DeckleServer } from './deckle-server.ts'
import { FolderUpstream, filesBelow } from './folder-upstream.ts'
import { makeFilesMirror, makeMirror } from './mirrors.ts'
import { writePlainFiles } from './plain-files.ts'
import { publishedChecksums, recordsOf, sha256 } from './published.ts'
import { writeMetadata } from './repository-metadata.ts'
import { copyPackages, fileNameOf, type PackageSpec } from './rpm-packages.ts'

/** sha256 of each file by its path. */
type State = Readonly<Record<string, string>>

/** A mirror whose upstream changes, and that remembers what it had. */
export interface Mirrored {
  readonly id: string
  create(server: DeckleServer): Promise<void>
  /** Upstream moves on. Only while nothing runs: a sync in the middle would mirror neither state. */
  change(): Promise<void>
  /** Reads a file; throws when it is answered with something that was never there. */
  readSomething(server: DeckleServer, random: SeededRandom): Promise<void>
  /** What is published is exactly one state that upstream had, and whole; nothing may be only if no sync was ever acknowledged. */
  check(server: DeckleServer, wasSynced: boolean): Promise<void>
}

/**
 * Plain files: each change alters some, adds one and takes one away. Of a mirror that fetches on demand, upstream keeps what a
 * publication may still name, unaltered.
 */
export class MirroredFiles implements Mirrored {
  readonly id: string
  readonly #upstream: FolderUpstream
  readonly #folder: string
  readonly #importer: Readonly<Record<string, unknown>>
  readonly #states: State[] = []
  #path = ''
  #generation = 0

  private constructor(
    id: string,
    folder: string,
    upstream: FolderUpstream,
    importer: Readonly<Record<string, unknown>>,
  ) {
    this.id = id
    this.#folder = folder
    this.#upstream = upstream
    this.#importer = importer
  }

  static async in(
    folder: string,
    id: string,
    importer: Readonly<Record<string, unknown>> = {},
  ): Promise<MirroredFiles> {
    return new MirroredFiles(id, folder, await FolderUpstream.of(folder), importer)
  }

  get #onDemand(): boolean {
    return this.#importer['download_policy'] === 'on_demand'
  }

  async create(server: DeckleServer): Promise<void> {
    const config = { feed: this.#upstream.feed, remove_missing: true, ...this.#importer }
    this.#path = new URL(await makeFilesMirror(server, this.id, config)).pathname
  }

  async change(): Promise<void> {
    const generation = ++this.#generation
    const names = Array.from({ length: 30 }, (_, index) => `file-${generation + index}`)
    const text = (name: string) =>
      `${this.id} ${name} ${this.#onDemand || !name.endsWith('0') ? '' : generation} `.repeat(200)
    if (!this.#onDemand) await rm(join(this.#folder, `file-${generation - 1}`), { force: true })
    await writePlainFiles(this.#folder, Object.fromEntries(names.map((name) => [name, text(name)])))
    await this.#upstream.update()
    this.#states.push(Object.fromEntries(names.map((name) => [name, this.#upstream.sha256(name)])))
  }

  async readSomething(server: DeckleServer, random: SeededRandom): Promise<void> {
    const name = `file-${this.#generation + random.below(30)}`
    const bytes = await readIfThere(`${server.url}${this.#path}${name}`)
    const known = this.#states.map((state) => state[name])
    if (bytes !== undefined) assert.ok(known.includes(sha256(bytes)), `${this.id}/${name} was never like this`)
  }

  async check(server: DeckleServer, wasSynced: boolean): Promise<void> {
    const url = `${server.url}${this.#path}`
    const manifest = await readIfThere(`${url}PULP_MANIFEST`)
    if (manifest === undefined) return assert.ok(!wasSynced, `${this.id} is not published`)
    const lines = manifest
      .toString()
      .split(/\r?\n/)
      .filter((line) => line !== '')
    const listed: Record<string, string> = {}
    for (const line of lines) {
      const [name = '', digest = ''] = line.split(',')
      listed[name] = digest
      assert.equal(sha256((await readIfThere(url + name)) ?? Buffer.alloc(0)), digest, `${this.id}/${name}`)
    }
    requireState(this.id, listed, this.#states)
  }
}

/** Packages: each change moves a window over those that are built. */
export class MirroredPackages implements Mirrored {
  readonly id: string
  readonly #built: string
  readonly #packages: readonly PackageSpec[]
  readonly #folder: string
  readonly #upstream: FolderUpstream
  readonly #states: State[] = []
  #path = ''

  private constructor(
    id: string,
    built: string,
    packages: readonly PackageSpec[],
    folder: string,
    upstream: FolderUpstream,
  ) {
    this.id = id
    this.#built = built
    this.#packages = packages
    this.#folder = folder
    this.#upstream = upstream
  }

  static async in(
    folder: string,
    id: string,
    built: string,
    packages: readonly PackageSpec[],
  ): Promise<MirroredPackages> {
    return new MirroredPackages(id, built, packages, folder, await FolderUpstream.of(folder))
  }

  async create(server: DeckleServer): Promise<void> {
    const url = await makeMirror(server, this.id, { feed: this.#upstream.feed, remove_missing: true })
    this.#path = new URL(url).pathname
  }

  async change(): Promise<void> {
    const all = this.#packages.length
    const wanted = Array.from({ length: all / 2 }, (_, index) => this.#packages[(this.#states.length + index) % all])
    for (const path of await filesBelow(this.#folder)) await rm(join(this.#folder, path))
    const present = wanted.flatMap((spec) => spec ?? [])
    await copyPackages(this.#built, this.#folder, present)
    await writeMetadata(this.#folder)
    await this.#upstream.update()
    const names = present.map(fileNameOf).sort()
    this.#states.push(Object.fromEntries(names.map((name) => [name, this.#upstream.sha256(name)])))
  }

  async readSomething(server: DeckleServer): Promise<void> {
    const url = `${server.url}${this.#path}`
    const repomd = await readIfThere(`${url}repodata/repomd.xml`)
    const record = repomd === undefined ? undefined : recordsOf(repomd.toString()).get('primary')
    const bytes = record && (await readIfThere(url + record.href))
    if (bytes !== undefined) assert.equal(sha256(bytes), record?.sha256, `${this.id}/${record?.href}`)
  }

  async check(server: DeckleServer, wasSynced: boolean): Promise<void> {
    const url = `${server.url}${this.#path}`
    const repomd = await readIfThere(`${url}repodata/repomd.xml`)
    if (repomd === undefined) return assert.ok(!wasSynced, `${this.id} is not published`)
    for (const { href, sha256: digest } of recordsOf(repomd.toString()).values()) {
      assert.equal(sha256((await readIfThere(url + href)) ?? Buffer.alloc(0)), digest, `${this.id}/${href}`)
    }
    requireState(this.id, await publishedChecksums(url), this.#states)
  }
}

function requireState(id: string, published: State, states: readonly State[]): void {
  const same = states.some((state) => canonical(state) === canonical(published))
  assert.ok(
    same,
    `${id} shows what upstream never had: ${canonical(published)}, at last ${canonical(states.at(-1) ?? {})}`,
  )
}

function canonical(state: State): string {
  return Object.entries(state)
    .map(([name, digest]) => `${name}=${digest.slice(0, 8)}`)
    .sort()
    .join(' ')
}

/** A server without its database refuses; it does not keep its clients waiting. */
const longestAnswerMs = 30_000

/** Undefined when the server is away, or has nothing or no database there. */
async function readIfThere(url: string): Promise<Buffer | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(longestAnswerMs) })
    const bytes = Buffer.from(await response.arrayBuffer())
    return response.status === 200 ? bytes : undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') throw new Error(`${url} is not answered`)
    return undefined
  }
}

import type { Scratch } from '../../../core/scratch.ts'
import { attributeOf, ownText, tagEnd } from './tag-text.ts'

/** Bytes that are gathered before they are written to the scratch file. */
const spillBytes = 1024 * 1024

/**
 * Hands out the packages of a filelists or other file by their id, in any order, with bounded memory: it reads ahead until it
 * meets the one that is asked for and keeps those that it passes in a scratch file. Files in the order of primary,
 * which all usual tools write, never touch it.
 */
export class SnippetsByPackage {
  readonly #batches: AsyncIterator<readonly Buffer[]>
  readonly #wanted: (pkgid: string) => boolean
  readonly #spill: Spill
  #batch: readonly Buffer[] = []
  #at = 0

  /** Packages that are not `wanted` are passed without being kept. */
  constructor(
    batches: AsyncIterable<readonly Buffer[]>,
    openScratch: () => Promise<Scratch>,
    wanted: (pkgid: string) => boolean,
  ) {
    this.#batches = batches[Symbol.asyncIterator]()
    this.#wanted = wanted
    this.#spill = new Spill(openScratch)
  }

  /** The package's element; undefined when the file has none. Each can be taken once. No promise for one that is at hand. */
  take(pkgid: string): Buffer | Promise<Buffer | undefined> {
    const next = this.#spill.isEmpty ? this.#batch[this.#at] : undefined
    if (next === undefined || !isOfPackage(next, pkgid)) return this.#search(pkgid)
    this.#at += 1
    return next
  }

  async #search(pkgid: string): Promise<Buffer | undefined> {
    const kept = await this.#spill.take(pkgid)
    if (kept !== undefined) return kept
    while (await this.#hasNext()) {
      const snippet = this.#batch[this.#at++]
      if (snippet === undefined) continue
      const id = packageId(snippet)
      if (id === pkgid) return snippet
      if (this.#wanted(id)) await this.#spill.add(id, snippet)
    }
    return undefined
  }

  /** Reads to the end, so that a file which is broken behind its last useful package is noticed. */
  async drain(): Promise<void> {
    this.#batch = []
    while ((await this.#batches.next()).done !== true);
  }

  async close(): Promise<void> {
    await this.#batches.return?.()
  }

  async #hasNext(): Promise<boolean> {
    while (this.#at >= this.#batch.length) {
      const next = await this.#batches.next()
      if (next.done === true) return false
      this.#batch = next.value
      this.#at = 0
    }
    return true
  }
}

/** Elements put aside: the young ones in memory, the others in a file. */
class Spill {
  readonly #openScratch: () => Promise<Scratch>
  readonly #places = new Map<string, { offset: number; length: number }>()
  #young = new Map<string, Buffer>()
  #youngBytes = 0
  #scratch: Scratch | undefined

  constructor(openScratch: () => Promise<Scratch>) {
    this.#openScratch = openScratch
  }

  get isEmpty(): boolean {
    return this.#young.size === 0 && this.#places.size === 0
  }

  async add(pkgid: string, snippet: Buffer): Promise<void> {
    this.#young.set(pkgid, snippet)
    this.#youngBytes += snippet.length
    if (this.#youngBytes >= spillBytes) await this.#flush()
  }

  async take(pkgid: string): Promise<Buffer | undefined> {
    const young = this.#young.get(pkgid)
    if (young !== undefined) {
      this.#young.delete(pkgid)
      return young
    }
    const place = this.#places.get(pkgid)
    if (place === undefined) return undefined
    this.#places.delete(pkgid)
    return this.#scratch?.read(place.offset, place.length).then((bytes) => Buffer.from(bytes))
  }

  async #flush(): Promise<void> {
    this.#scratch ??= await this.#openScratch()
    let offset = await this.#scratch.append(Buffer.concat([...this.#young.values()]))
    for (const [pkgid, { length }] of this.#young) {
      this.#places.set(pkgid, { offset, length })
      offset += length
    }
    this.#young = new Map()
    this.#youngBytes = 0
  }
}

const usualStart = '<package pkgid="'

/** Whether it is this package's, in the usual spelling. Makes no object, for it is asked of all of them. */
function isOfPackage(snippet: Buffer, pkgid: string): boolean {
  const end = usualStart.length + pkgid.length
  return startsAt(snippet, 0, usualStart) && startsAt(snippet, usualStart.length, pkgid) && snippet[end] === 0x22
}

function startsAt(snippet: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (snippet[at + index] !== text.charCodeAt(index)) return false
  return true
}

/** The `pkgid` of a package in filelists or other; empty without one. */
export function packageId(snippet: Buffer): string {
  const head = snippet.toString('latin1', 0, 256)
  if (!head.startsWith(usualStart)) return slowPackageId(snippet)
  const end = head.indexOf('"', usualStart.length)
  // Read from the bytes again: a slice of `head` would keep all of it alive.
  return end === -1 ? slowPackageId(snippet) : snippet.toString('latin1', usualStart.length, end)
}

function slowPackageId(snippet: Buffer): string {
  const text = snippet.toString('latin1', 0, 16 * 1024)
  return ownText(attributeOf(text.slice(0, tagEnd(text, 0) + 1), 'pkgid') ?? '')
}

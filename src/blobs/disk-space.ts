import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SpaceGauge } from '../core/space.ts'
import { hasCode } from './disk-error.ts'

export interface DiskSpaceOptions {
  /** Folders whose disks are looked at; one that is not there yet counts for the folder above it. */
  readonly folders: readonly string[]
  /** Bytes that must stay free on each; 0 switches the gauge off. */
  readonly floorBytes: number
  /** An answer is good for so long; default 1 s. */
  readonly cacheMs?: number
  /** Bytes that are free for this process; for tests. */
  readonly measure?: (folder: string) => Promise<number>
}

const mebibyte = 1024 ** 2

/**
 * The free space of some folders. After a shortage there is room only with a tenth more than the floor, at most 64 MiB: what a
 * sync that stops gives back must not start it again at once.
 */
export class DiskSpace implements SpaceGauge {
  readonly #options: Required<DiskSpaceOptions>
  #known: Promise<string | undefined> = Promise.resolve(undefined)
  #knownUntil = Number.NEGATIVE_INFINITY
  #short = false

  constructor(options: DiskSpaceOptions) {
    this.#options = { cacheMs: 1_000, measure: freeBytes, ...options }
  }

  shortage(): Promise<string | undefined> {
    if (this.#options.floorBytes === 0 || performance.now() < this.#knownUntil) return this.#known
    this.#knownUntil = performance.now() + this.#options.cacheMs
    this.#known = this.#look()
    return this.#known
  }

  async #look(): Promise<string | undefined> {
    const { folders, floorBytes, measure } = this.#options
    const wanted = this.#short ? floorBytes + Math.min(floorBytes / 10, 64 * mebibyte) : floorBytes
    const free = await Promise.all(folders.map(measure))
    const index = free.findIndex((bytes) => bytes < wanted)
    this.#short = index >= 0
    if (index < 0) return undefined
    const now = `${Math.floor((free[index] ?? 0) / mebibyte)} MiB`
    return `too little free space for ${folders[index]}: ${now}, the floor is ${Math.ceil(floorBytes / mebibyte)} MiB`
  }
}

/** Free for us, which is less than free for root. A place that cannot be asked is no reason to stop: its use will tell. */
async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    const parent = dirname(folder)
    return hasCode(error, 'ENOENT') && parent !== folder ? freeBytes(parent) : Number.POSITIVE_INFINITY
  }
}

import type { LayerProgress } from '../../core/rollout.ts'
import type { PullEvent } from './pull-event.ts'

export interface Progress {
  readonly bytes: number | null
  readonly totalBytes: number | null
  readonly layers: readonly LayerProgress[]
}

interface Layer {
  bytes: number
  total: number | null
  done: boolean
}

const announcing = new Set(['Pulling fs layer', 'Waiting', 'Downloading', 'Verifying Checksum', 'Extracting'])
const arrived = new Set(['Download complete', 'Pull complete', 'Already exists'])

/**
 * How far a pull is, by what the engine says about layers. Docker tells bytes while they come; Podman only which layer is
 * complete, so the sizes come from the manifest there (`expect`), or stay unknown. Nothing ever falls, whatever the order.
 */
export class PullProgress {
  readonly #layers = new Map<string, Layer>()
  readonly #tellsBytes: boolean
  #total: number | null = null

  /** `tellsBytes`: like Docker, which also unpacks a layer once it has come. Podman has no further word about it then. */
  constructor(tellsBytes: boolean) {
    this.#tellsBytes = tellsBytes
  }

  /** Returns whether it changed anything. */
  note(event: PullEvent): boolean {
    const { id, status } = event
    if (id === undefined || status === undefined || !(announcing.has(status) || arrived.has(status))) return false
    const isNew = !this.#layers.has(id)
    const layer = this.#layer(id)
    const before = { ...layer }
    layer.total ??= totalIn(event, layer.bytes)
    if (status === 'Downloading') raise(layer, event.current ?? 0)
    if (arrived.has(status) || status === 'Extracting') raise(layer, layer.total ?? layer.bytes)
    if (arrived.has(status) && !(this.#tellsBytes && status === 'Download complete')) this.#finish(layer)
    return isNew || layer.done !== before.done || layer.bytes !== before.bytes || layer.total !== before.total
  }

  /** Sizes from the manifest, by layer id. */
  expect(sizes: ReadonlyMap<string, number>): void {
    for (const [id, size] of sizes) {
      const layer = this.#layer(id)
      layer.total = Math.max(size, layer.bytes)
      if (layer.done) layer.bytes = layer.total
    }
  }

  /** The pull has succeeded. */
  complete(): void {
    for (const layer of this.#layers.values()) this.#finish(layer)
  }

  now(): Progress {
    const layers = [...this.#layers].map(([id, { bytes, total, done }]) => ({ id, bytes, totalBytes: total, done }))
    if (layers.every(({ totalBytes, bytes }) => totalBytes === null && bytes === 0)) {
      return { bytes: null, totalBytes: null, layers }
    }
    const known = this.#total !== null || layers.every(({ totalBytes }) => totalBytes !== null)
    const sum = layers.reduce((all, { bytes, totalBytes }) => all + (totalBytes ?? bytes), 0)
    if (known) this.#total = Math.max(this.#total ?? 0, sum)
    return { bytes: layers.reduce((all, { bytes }) => all + bytes, 0), totalBytes: this.#total, layers }
  }

  /** A layer whose size Docker never told was there before, or is too small to tell. */
  #finish(layer: Layer): void {
    layer.done = true
    if (this.#tellsBytes) layer.total ??= layer.bytes
    layer.bytes = layer.total ?? layer.bytes
  }

  #layer(id: string): Layer {
    const known = this.#layers.get(id)
    if (known !== undefined) return known
    const made = { bytes: 0, total: null, done: false }
    this.#layers.set(id, made)
    return made
  }
}

function totalIn({ total, current = 0 }: PullEvent, come: number): number | null {
  return total === undefined || total === 0 ? null : Math.max(total, current, come)
}

function raise(layer: Layer, bytes: number): void {
  layer.bytes = Math.max(layer.bytes, Math.min(bytes, layer.total ?? bytes))
}

import type { UnitDocuments } from '../../core/content-type.ts'
import { DeckleError } from '../../core/errors.ts'
import type { Scratch } from '../../core/scratch.ts'
import type { OpenPack, PackPlace } from './open-pack.ts'
import type { PlaceList } from './place-list.ts'

export interface GatherPlan {
  /** All units, in the order in which they are wanted. */
  readonly places: PlaceList
  readonly names: readonly string[]
  open(pack: number): Promise<OpenPack>
  readonly scratch: Scratch
  /** Bytes that are read back at a time, one unit at least. */
  readonly memory?: number
}

/** Units that are wanted one after the other lie near each other in the file: in a window, which is written in slabs. */
const mostWindows = 48
const fewestInWindow = 1024
const slabBytes = 256 * 1024
const defaultMemory = 16 * 1024 * 1024
/** Bytes that nobody wants, between two that are: read along rather than passed over. */
const smallGap = 4096
const absent = -1

/** Bytes of the file, and the units whose texts they are. */
interface Run {
  readonly start: number
  end: number
  readonly units: number[]
}

interface Window {
  readonly slab: Buffer
  used: number
  units: number[]
}

/**
 * Documents of units that stand in another order than their packs. Each pack is opened once, one after the other; the texts go into a
 * scratch file and are read back in the order of the units.
 */
export class GatheredDocuments {
  readonly #plan: GatherPlan
  readonly #perWindow: number
  /** Of each unit: where its texts begin in the file. */
  readonly #offsets: Float64Array
  /** Of each unit and name: bytes, or `absent`. */
  readonly #sizes: Int32Array
  #windows: readonly Window[] = []

  private constructor(plan: GatherPlan) {
    const { length } = plan.places
    this.#plan = plan
    this.#perWindow = Math.max(fewestInWindow, Math.ceil(length / mostWindows))
    this.#offsets = new Float64Array(length)
    this.#sizes = new Int32Array(length * plan.names.length).fill(absent)
  }

  /** Units before `from` are not wanted any more. */
  static async gather(plan: GatherPlan, from = 0): Promise<GatheredDocuments> {
    const gathered = new GatheredDocuments(plan)
    await gathered.#fill(from)
    return gathered
  }

  /** The documents of some units in a row, the first of which is the unit `from`. */
  async *documents<Place extends PackPlace>(
    places: readonly Place[],
    from: number,
  ): AsyncGenerator<readonly [place: Place, documents: UnitDocuments]> {
    let held: readonly UnitDocuments[] = []
    let first = 0
    for (const [index, place] of places.entries()) {
      this.#plan.places.require(from + index, place)
      if (index === first + held.length) {
        first = index
        held = await this.#read(from + index, from + places.length)
      }
      yield [place, held[index - first] ?? {}]
    }
  }

  async #fill(from: number): Promise<void> {
    const { places, open } = this.#plan
    const windows = Math.ceil(places.length / this.#perWindow)
    this.#windows = Array.from({ length: windows }, () => ({
      slab: Buffer.allocUnsafeSlow(slabBytes),
      used: 0,
      units: [],
    }))
    for (const [pack, units] of places.byPack(from)) {
      const texts = await open(pack)
      for (const unit of units) await this.#put(unit, texts)
    }
    for (const window of this.#windows) await this.#flush(window)
    this.#windows = []
  }

  async #put(unit: number, pack: OpenPack): Promise<void> {
    const { names, places, scratch } = this.#plan
    const texts = names.flatMap((name, index) => {
      const text = pack.get(name)?.[places.slot(unit)]
      this.#sizes[unit * names.length + index] = text?.length ?? absent
      return text === undefined ? [] : [text]
    })
    const size = this.#sizeOf(unit)
    const window = this.#windowOf(unit)
    if (window.used + size > slabBytes) await this.#flush(window)
    if (size > slabBytes) {
      this.#offsets[unit] = await scratch.append(Buffer.concat(texts))
      return
    }
    this.#offsets[unit] = window.used
    for (const text of texts) {
      window.slab.set(text, window.used)
      window.used += text.length
    }
    window.units.push(unit)
  }

  async #flush(window: Window): Promise<void> {
    if (window.used === 0) return
    const start = await this.#plan.scratch.append(window.slab.subarray(0, window.used))
    for (const unit of window.units) this.#offsets[unit] = start + this.#start(unit)
    window.used = 0
    window.units = []
  }

  /** At least one unit, of one window, and as many as memory allows. */
  async #read(from: number, end: number): Promise<readonly UnitDocuments[]> {
    const { memory = defaultMemory } = this.#plan
    const last = Math.min(end, (Math.floor(from / this.#perWindow) + 1) * this.#perWindow)
    let to = from + 1
    for (let size = this.#sizeOf(from); to < last; to += 1) {
      size += this.#sizeOf(to)
      if (size > memory) break
    }
    const held: UnitDocuments[] = []
    for (const run of this.#runs(from, to)) await this.#readRun(run, from, held)
    return held
  }

  /** Units that lie behind each other in the file. */
  #runs(from: number, to: number): readonly Run[] {
    const units = Array.from({ length: to - from }, (_, index) => from + index)
    units.sort((one, other) => this.#start(one) - this.#start(other))
    const runs: Run[] = []
    for (const unit of units) {
      const start = this.#start(unit)
      const end = start + this.#sizeOf(unit)
      const run = runs.at(-1)
      if (run === undefined || start - run.end > smallGap) runs.push({ start, end, units: [unit] })
      else {
        run.units.push(unit)
        run.end = Math.max(run.end, end)
      }
    }
    return runs
  }

  async #readRun({ start, end, units }: Run, from: number, held: UnitDocuments[]): Promise<void> {
    const bytes = await this.#plan.scratch.read(start, end - start)
    if (bytes.length < end - start)
      throw new DeckleError('internal', 'a temporary file is shorter than what was written')
    for (const unit of units) held[unit - from] = this.#documentsOf(unit, bytes, this.#start(unit) - start)
  }

  #documentsOf(unit: number, bytes: Uint8Array, start: number): UnitDocuments {
    const { names } = this.#plan
    const documents: Record<string, Uint8Array> = {}
    let at = start
    for (const [index, name] of names.entries()) {
      const size = this.#sizes[unit * names.length + index] ?? absent
      if (size === absent) continue
      documents[name] = bytes.subarray(at, at + size)
      at += size
    }
    return documents
  }

  #start(unit: number): number {
    return this.#offsets[unit] ?? 0
  }

  #windowOf(unit: number): Window {
    const window = this.#windows[Math.floor(unit / this.#perWindow)]
    if (window === undefined) throw new DeckleError('internal', `there is no unit ${unit}`)
    return window
  }

  #sizeOf(unit: number): number {
    const { length } = this.#plan.names
    let size = 0
    for (let index = unit * length; index < (unit + 1) * length; index += 1)
      size += Math.max(0, this.#sizes[index] ?? 0)
    return size
  }
}

import type { DiscoveredUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import type { Bytes } from '../../../formats/transformed.ts'
import type { XmlElement } from '../../../formats/xml.ts'
import { xmlChildren } from '../../../formats/xml-children.ts'
import { nameOfElement, toCompsUnit, typeOfElement } from './comps-unit.ts'
import { type HeldPositions, positionsOf } from './positions.ts'

/** More are no comps.xml that anybody has made. */
const maxUnits = 100_000

/** What a comps.xml lists, read once. */
export interface CompsListing {
  /** Type → name → which occurrence of all elements counts: the last of a name, as it does for dnf. In the order of the file. */
  readonly names: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** A type for each element without a usable id. */
  readonly nameless: readonly string[]
}

/** An element that is no unit, because it is too large. */
export interface OversizedElement {
  readonly type: string
  readonly name: string
}

/** Reads what is there of the types that are wanted. Throws a FormatError. */
export async function listComps(source: Bytes, isWanted: (type: string) => boolean): Promise<CompsListing> {
  const names = new Map<string, Map<string, number>>()
  const nameless: string[] = []
  let count = 0
  for await (const { element, type, index } of elementsOf(source)) {
    if (!isWanted(type)) continue
    const name = nameOfElement(element)
    count += 1
    if (count > maxUnits) throw new FormatError('too-large', `it lists more than ${maxUnits} groups`)
    if (name === undefined) nameless.push(type)
    else names.set(type, (names.get(type) ?? new Map<string, number>()).set(name, index))
  }
  return { names, nameless }
}

/** The units of the same file, read once more. */
export async function* compsUnits(
  source: Bytes,
  { names }: CompsListing,
  held: (type: string) => HeldPositions,
): AsyncGenerator<DiscoveredUnit | OversizedElement> {
  const positions = new Map([...names].map(([type, listed]) => [type, positionsOf([...listed.keys()], held(type))]))
  for await (const { element, type, index } of elementsOf(source)) {
    const name = nameOfElement(element)
    if (name === undefined || names.get(type)?.get(name) !== index) continue
    yield toCompsUnit(element, positions.get(type)?.get(name) ?? '') ?? { type, name }
  }
}

async function* elementsOf(source: Bytes): AsyncGenerator<{ element: XmlElement; type: string; index: number }> {
  let index = 0
  for await (const element of xmlChildren(source, 'comps')) {
    const type = typeOfElement(element)
    if (type !== undefined) yield { element, type, index }
    index += 1
  }
}

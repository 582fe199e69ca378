import { childOf, type XmlElement } from '../../../formats/xml.ts'
import type { Delta } from './delta-unit.ts'

/** A delta package as prestodelta.xml lists it. */
export interface ListedDelta extends Delta {
  readonly href: string
  /** Bytes. */
  readonly size: number | undefined
  readonly checksumType: string
  readonly checksum: string
}

/** No name, version or sequence is longer; that of a sequence grows with the files of a package. */
const maxLengths = { name: 255, sequence: 64 * 1024 } as const

/** The deltas of a `<newpackage>`, or undefined in the place of one that lacks what it takes to use it. */
export function readNewPackage(element: XmlElement): readonly (ListedDelta | undefined)[] {
  return element.children.filter(({ name }) => name === 'delta').map((delta) => readDelta(element, delta))
}

function readDelta(newPackage: XmlElement, delta: XmlElement): ListedDelta | undefined {
  const text = (name: string) => childOf(delta, name)?.text.trim() ?? ''
  const [made, old] = [newPackage.attributes, delta.attributes]
  const size = /^\d{1,15}$/.test(text('size')) ? Number(text('size')) : undefined
  const listed = {
    name: made.get('name') ?? '',
    epoch: made.get('epoch') || '0',
    version: made.get('version') ?? '',
    release: made.get('release') ?? '',
    arch: made.get('arch') ?? '',
    oldEpoch: old.get('oldepoch') || '0',
    oldVersion: old.get('oldversion') ?? '',
    oldRelease: old.get('oldrelease') ?? '',
    sequence: text('sequence'),
    href: text('filename'),
    checksumType: childOf(delta, 'checksum')?.attributes.get('type') ?? '',
    checksum: text('checksum'),
  }
  return Object.entries(listed).every(([name, value]) => isSound(name, value)) ? { ...listed, size } : undefined
}

function isSound(name: string, value: string): boolean {
  if (name === 'href') return value !== ''
  return value !== '' && value.length <= (name === 'sequence' ? maxLengths.sequence : maxLengths.name)
}

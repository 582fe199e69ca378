import { FormatError } from '../../../formats/format-error.ts'
import type { RpmHeader } from '../../../formats/rpm/rpm-header.ts'
import { dependencyTags, rpmTags } from '../../../formats/rpm/rpm-tags.ts'
import { headerText } from './header-text.ts'
import { sourceRpmOf } from './source-package.ts'

/** What a package provides, requires and so on, as repodata shows it. */
export interface Dependency {
  readonly name: string
  /** How its version compares; undefined when any will do, or none of the six comparisons is meant. */
  readonly flags: string | undefined
  readonly epoch: string | undefined
  readonly version: string | undefined
  readonly release: string | undefined
  /** A requirement that must be there before the package's scripts run. */
  readonly pre: boolean
}

/** One as the header has it. */
export interface RawDependency {
  readonly name: string
  /** Bits of rpm's `rpmsenseFlags`. */
  readonly sense: number
  readonly flags: string | undefined
  /** `epoch:version-release`, each part optional. */
  readonly evr: string
}

/** Less 2, greater 4, equal 8. */
const comparisons: Readonly<Record<number, string>> = { 2: 'LT', 4: 'GT', 8: 'EQ', 10: 'LE', 12: 'GE' }
const comparisonMask = 0xf

/** Of one kind. The largest packages there are have some ten thousand. */
const maxDependencies = 200_000

/** The dependencies of a kind in the order of the header. The shortest of the three lists ends them. */
export function* rawDependencies(header: RpmHeader, kind: keyof typeof dependencyTags): Generator<RawDependency> {
  const tags = dependencyTags[kind]
  const [senses, versions] = [header.numbers(tags.flags), header.texts(tags.version)]
  let count = 0
  for (const name of header.texts(tags.name)) {
    count += 1
    if (count > maxDependencies) throw new FormatError('too-large', `it has more than ${maxDependencies} ${kind}`)
    const [sense, version] = [senses.next().value, versions.next().value]
    if (sense === undefined || version === undefined) return
    yield toRaw(headerText(name), sense, headerText(version))
  }
}

/** Packages of before rpm 4 do not all say that they provide themselves; rpm adds it when it reads them. */
export function* rawProvides(header: RpmHeader): Generator<RawDependency> {
  const own = toRaw(headerText(header.text(rpmTags.name)), 8, ownEvr(header))
  let found = header.has(rpmTags.headerImmutable) || sourceRpmOf(header) === ''
  for (const provided of rawDependencies(header, 'provides')) {
    found ||= provided.name === own.name && provided.flags === own.flags && provided.evr === own.evr
    yield provided
  }
  if (!found) yield own
}

function toRaw(name: string, sense: number, evr: string): RawDependency {
  return { name, sense, flags: comparisons[sense & comparisonMask], evr }
}

function ownEvr(header: RpmHeader): string {
  const epoch = header.number(rpmTags.epoch)
  const [version, release] = [headerText(header.text(rpmTags.version)), headerText(header.text(rpmTags.release))]
  return `${epoch === undefined ? '' : `${epoch}:`}${version}-${release}`
}

/** Undefined for one whose epoch is no number: such are left out. */
export function toDependency({ name, flags, evr }: RawDependency, pre = false): Dependency | undefined {
  if (evr === '') return { name, flags, epoch: undefined, version: undefined, release: undefined, pre }
  const colon = evr.indexOf(':')
  const epoch = colon === -1 ? '' : evr.slice(0, colon)
  if (epoch !== '' && !/^\s*[+-]?\d+$/.test(epoch)) return undefined
  const rest = evr.slice(colon + 1)
  const dash = rest.indexOf('-')
  const version = dash === -1 ? rest : rest.slice(0, dash)
  const release = dash === -1 ? undefined : rest.slice(dash + 1)
  return { name, flags, epoch: epoch || '0', version, release, pre }
}

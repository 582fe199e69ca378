import type { RpmHeader } from '../../../formats/rpm/rpm-header.ts'
import { compareVersions } from '../rpm-version.ts'
import { type Dependency, type RawDependency, rawDependencies, rawProvides, toDependency } from './dependency.ts'
import { isPrimaryPath, listedFiles } from './file-list.ts'

export interface Requirements {
  readonly requires: readonly Dependency[]
  /** Those that may be missing, as SUSE's packages of old have them. */
  readonly recommends: readonly Dependency[]
}

/** Required, by the package itself or by its scripts, before it is installed. */
const preSense = (1 << 6) | (1 << 9) | (1 << 10)
const missingOk = 1 << 19
const libc = 'libc.so.6'

/**
 * What a package requires of others, by the rules of createrepo_c: not what it brings itself, nothing that only rpm has to have, not the
 * same twice in a row, and of the C library's versions the highest, at the end.
 */
export function requirementsOf(header: RpmHeader): Requirements {
  const isMet = metByItself(header)
  const [requires, recommends]: [Dependency[], Dependency[]] = [[], []]
  const lastByName = new Map<string, RawDependency>()
  let highest: Dependency | undefined
  for (const raw of rawDependencies(header, 'requires')) {
    if (isMet(raw) || isSame(raw, lastByName.get(raw.name))) continue
    const dependency = toDependency(raw, isPre(raw))
    if (dependency === undefined) continue
    if ((raw.sense & missingOk) !== 0) recommends.push(dependency)
    else if (raw.name.startsWith(libc)) highest = higherLibc(highest, dependency)
    else {
      requires.push(dependency)
      lastByName.set(raw.name, raw)
    }
  }
  return { requires: highest === undefined ? requires : [...requires, highest], recommends }
}

function metByItself(header: RpmHeader): (required: RawDependency) => boolean {
  const provided = new Set([...rawProvides(header)].map(spelling))
  const ownFiles = requiredOwnFiles(header)
  return (required) =>
    required.name.startsWith('rpmlib(') || ownFiles.has(required.name) || provided.has(spelling(required))
}

/** Of the files that primary lists, those that the package itself requires. */
function requiredOwnFiles(header: RpmHeader): ReadonlySet<string> {
  const wanted = new Set<string>()
  for (const { name } of rawDependencies(header, 'requires')) {
    if (name.startsWith('/') && isPrimaryPath(name)) wanted.add(name)
  }
  const own = new Set<string>()
  if (wanted.size === 0) return own
  for (const { path } of listedFiles(header)) if (wanted.has(path)) own.add(path)
  return own
}

function spelling({ name, flags, evr }: RawDependency): string {
  return name + (flags ?? '') + evr
}

function isPre({ sense }: RawDependency): boolean {
  return (sense & preSense) !== 0
}

function isSame(one: RawDependency, two: RawDependency | undefined): boolean {
  return two !== undefined && one.flags === two.flags && one.evr === two.evr && isPre(one) === isPre(two)
}

function higherLibc(highest: Dependency | undefined, next: Dependency): Dependency {
  return highest === undefined || isHigherLibc(next.name, highest.name) ? next : highest
}

/** `libc.so.6(GLIBC_2.34)(64bit)` is higher than `libc.so.6(GLIBC_2.4)(64bit)`, that than `libc.so.6()(64bit)`. */
function isHigherLibc(one: string, two: string): boolean {
  const [form, other] = [libcForm(one), libcForm(two)]
  if (form.rank !== other.rank) return form.rank > other.rank
  return compareVersions(form.version, other.version) > 0
}

/** How much the first parentheses of its name say, and the version in them. */
function libcForm(name: string): { readonly rank: number; readonly version: string } {
  const open = name.indexOf('(')
  const close = name.indexOf(')', open)
  if (open === -1 || close === -1) return { rank: open === -1 ? 0 : 1, version: '' }
  const version = name.slice(open + 1, close).replace(/^[^0-9]+/, '')
  if (version !== '') return { rank: 4, version }
  return { rank: close === open + 1 ? 2 : 3, version }
}

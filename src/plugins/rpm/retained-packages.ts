import type { PackageMetadata } from './metadata/package-metadata.ts'
import type { PrimaryPackage } from './metadata/primary-package.ts'
import { readAnyPackage } from './metadata/read-any-package.ts'
import { ownText } from './metadata/tag-text.ts'
import { typeOfArch } from './rpm-types.ts'
import { compareEvr, type Evr } from './rpm-version.ts'

/** Which packages of a primary a sync takes. */
export interface Selection {
  /** Checksums, as primary spells them. */
  readonly pkgids: ReadonlySet<string>
  /** How many of each type. */
  readonly counts: { readonly rpm: number; readonly srpm: number }
}

export interface SelectionRules {
  /** Types that are not taken. */
  readonly skip: readonly string[]
  /** How many builds to take of each name and arch besides the newest; all when undefined. */
  readonly retainOldCount: number | undefined
}

interface Build extends Evr {
  readonly pkgid: string
}

/**
 * A pass over primary that decides before anything is fetched. Of each package only name, arch, version and checksum are kept
 * in memory, about 200 bytes.
 */
export async function selectPackages(primary: PackageMetadata, rules: SelectionRules): Promise<Selection> {
  const builds = new Map<string, Build[]>()
  const limit = rules.retainOldCount === undefined ? Number.POSITIVE_INFINITY : rules.retainOldCount + 1
  for await (const snippets of primary.packages()) {
    for (const snippet of snippets) {
      const found = primary.isBroken(snippet) ? undefined : readAnyPackage(snippet, primary.root)?.found
      if (found !== undefined && !rules.skip.includes(typeOfArch(found.arch))) addBuild(builds, found, limit)
    }
  }
  return toSelection(builds)
}

/** Keeps the newest `limit` builds; of two equal ones the first. */
function addBuild(builds: Map<string, Build[]>, found: PrimaryPackage, limit: number): void {
  const group = ownText(`${found.name}.${found.arch}`)
  const same = builds.get(group) ?? []
  const build = toBuild(found)
  if (same.some((other) => isSameBuild(other, build))) return
  same.push(build)
  if (same.length > limit) same.sort((one, two) => compareEvr(two, one)).pop()
  builds.set(group, same)
}

function isSameBuild(one: Evr, two: Evr): boolean {
  return one.epoch === two.epoch && one.version === two.version && one.release === two.release
}

function toBuild({ epoch, version, release, checksum }: PrimaryPackage): Build {
  return { epoch: ownText(epoch), version: ownText(version), release: ownText(release), pkgid: ownText(checksum) }
}

function toSelection(builds: ReadonlyMap<string, readonly Build[]>): Selection {
  const counts = { rpm: 0, srpm: 0 }
  const pkgids = new Set<string>()
  for (const [group, kept] of builds) {
    counts[typeOfArch(group.slice(group.lastIndexOf('.') + 1))] += kept.length
    for (const { pkgid } of kept) pkgids.add(pkgid)
  }
  return { pkgids, counts }
}

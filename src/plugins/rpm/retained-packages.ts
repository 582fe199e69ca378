import type { DisplacedUnit } from '../../core/importer.ts'
import type { RepositoryMember } from '../../core/upload.ts'
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
  /** Older builds that the repository holds and is to hold no more. */
  readonly displaced: readonly DisplacedUnit[]
}

export interface SelectionRules {
  /** Types that are not taken. */
  readonly skip: readonly string[]
  /** How many builds there are to be of each name and arch besides the newest; all when undefined. */
  readonly retainOldCount: number | undefined
}

interface Build extends Evr {
  readonly name: string
  readonly arch: string
  /** Of one that upstream lists. */
  readonly pkgid?: string
  /** Of one that the repository holds, and upstream does not list. */
  readonly id?: number
}

/**
 * A pass over primary that decides before anything is fetched, with the builds that the repository holds and goes on to hold (`members`):
 * the newest of both count. Of each package only name, arch, version and checksum are kept in memory, about 200 bytes.
 */
export async function selectPackages(
  primary: PackageMetadata,
  rules: SelectionRules,
  members: AsyncIterable<RepositoryMember>,
): Promise<Selection> {
  const builds = new NewestBuilds(rules.retainOldCount)
  for await (const snippets of primary.packages()) {
    for (const snippet of snippets) {
      const found = primary.isBroken(snippet) ? undefined : readAnyPackage(snippet, primary.root)?.found
      if (found !== undefined && !rules.skip.includes(typeOfArch(found.arch))) builds.add(toBuild(found))
    }
  }
  for await (const { id, metadata } of members) {
    const [name, arch, epoch, version, release] = fields.map((field) => String(metadata[field] ?? ''))
    if (name && arch && epoch && version && release !== undefined)
      builds.add({ id, name, arch, epoch, version, release })
  }
  return builds.selection()
}

const fields = ['name', 'arch', 'epoch', 'version', 'release'] as const

class NewestBuilds {
  readonly #builds = new Map<string, Build[]>()
  readonly #displaced: DisplacedUnit[] = []
  readonly #limit: number

  constructor(retainOldCount: number | undefined) {
    this.#limit = retainOldCount === undefined ? Number.POSITIVE_INFINITY : retainOldCount + 1
  }

  /** Keeps the newest; of two equal ones the first. */
  add(build: Build): void {
    const group = `${build.name}.${build.arch}`
    const same = this.#builds.get(group) ?? []
    if (same.some((other) => isSameBuild(other, build))) return
    same.push(build)
    if (same.length > this.#limit) this.#drop(same.sort((one, two) => compareEvr(two, one)).pop())
    this.#builds.set(group, same)
  }

  selection(): Selection {
    const counts = { rpm: 0, srpm: 0 }
    const pkgids = new Set<string>()
    for (const { arch, pkgid } of [...this.#builds.values()].flat()) {
      if (pkgid === undefined) continue
      counts[typeOfArch(arch)] += 1
      pkgids.add(pkgid)
    }
    return { pkgids, counts, displaced: this.#displaced }
  }

  #drop(build: Build | undefined): void {
    if (build?.id === undefined) return
    const { id, name, arch } = build
    this.#displaced.push({ id, type: typeOfArch(arch), by: { name, arch } })
  }
}

function isSameBuild(one: Evr, two: Evr): boolean {
  return one.epoch === two.epoch && one.version === two.version && one.release === two.release
}

function toBuild({ name, arch, epoch, version, release, checksum }: PrimaryPackage): Build {
  const own = { name: ownText(name), arch: ownText(arch), pkgid: ownText(checksum) }
  return { ...own, epoch: ownText(epoch), version: ownText(version), release: ownText(release) }
}

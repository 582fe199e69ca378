import { compareEvr, type Evr } from '../rpm-version.ts'
import type { PackageBuild } from './installed-package.ts'

interface Installed extends Evr {
  /** Places of the profiles in which it is the newest of its name and arch. */
  readonly profiles: number[]
}

/**
 * What is installed on several systems. Of packages that are installed in several builds, as kernels are, the newest counts: an older
 * one is no reason for an update. Systems have most builds in common, so these are kept by name and arch and not by system.
 */
export class InstalledPackages {
  /** Of each name and arch, oldest first. */
  readonly #builds: ReadonlyMap<string, readonly Installed[]>

  constructor(systems: readonly (readonly PackageBuild[])[]) {
    const builds = new Map<string, Map<string, Installed>>()
    for (const [place, packages] of systems.entries()) {
      for (const [kind, newest] of newestOf(packages)) addTo(builds, kind, newest, place)
    }
    const sorted = [...builds].map(([kind, same]) => [kind, [...same.values()].sort(compareEvr)] as const)
    this.#builds = new Map(sorted)
  }

  /** Adds the places of the systems that have an older build of the package. */
  addOlder(build: PackageBuild, places: Set<number>): void {
    for (const installed of this.#builds.get(kindOf(build)) ?? []) {
      if (compareEvr(installed, build) >= 0) return
      for (const place of installed.profiles) places.add(place)
    }
  }
}

function newestOf(packages: readonly PackageBuild[]): ReadonlyMap<string, PackageBuild> {
  const newest = new Map<string, PackageBuild>()
  for (const one of packages) {
    const kind = kindOf(one)
    const other = newest.get(kind)
    if (other === undefined || compareEvr(other, one) < 0) newest.set(kind, one)
  }
  return newest
}

function addTo(builds: Map<string, Map<string, Installed>>, kind: string, build: PackageBuild, place: number): void {
  const { epoch, version, release } = build
  const same = builds.get(kind) ?? new Map<string, Installed>()
  const evr = `${epoch}:${version}-${release}`
  const known = same.get(evr) ?? { epoch, version, release, profiles: [] }
  known.profiles.push(place)
  builds.set(kind, same.set(evr, known))
}

function kindOf({ name, arch }: PackageBuild): string {
  return `${name}.${arch}`
}

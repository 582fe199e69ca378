import type { DiscoveredUnit } from '../core/unit.ts'
import { type AdvisedPackage, textFields } from '../plugins/rpm/errata/advisory.ts'
import { toErratumUnit } from '../plugins/rpm/errata/erratum-unit.ts'

/** A build that is installed, advised or in a repository. */
export interface BuildOf {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
}

/** `bear-2.0`: a build of a package without arch. */
export function aBuild(name: string, version: string, change: Partial<BuildOf> = {}): BuildOf {
  return { name, epoch: '0', version, release: '1', arch: 'noarch', ...change }
}

/** The unit of a package without files; `more` metadata makes it as heavy as real ones. */
export function aPackageUnit(build: BuildOf, more: Readonly<Record<string, string>> = {}): DiscoveredUnit {
  const key = { ...build, checksumtype: 'sha256', checksum: Object.values(build).join('-') }
  return { type: 'rpm', key, metadata: { ...key, ...more }, files: [] }
}

/** An advisory of some builds, as a sync makes it. */
export function anErratumUnit(id: string, builds: readonly BuildOf[]): DiscoveredUnit {
  const texts = Object.fromEntries(textFields.map((name) => [name, ''])) as Record<(typeof textFields)[number], string>
  const collection = { name: 'all', short: '', packages: builds.map(toAdvised), origin: 'test' }
  return toErratumUnit({ ...texts, ...noSuggestion, id, references: [], pkglist: [collection] })
}

const noSuggestion = { reboot_suggested: false, relogin_suggested: false, restart_suggested: false }

function toAdvised(build: BuildOf): AdvisedPackage {
  const { name, version, release, arch } = build
  const filename = `${name}-${version}-${release}.${arch}.rpm`
  return { ...build, ...noSuggestion, src: null, filename, sum: null }
}

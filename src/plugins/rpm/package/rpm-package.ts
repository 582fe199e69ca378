import { FormatError } from '../../../formats/format-error.ts'
import type { PackageHead } from '../../../formats/rpm/package-head.ts'
import type { RpmHeader } from '../../../formats/rpm/rpm-header.ts'
import { rpmTags, signatureTags } from '../../../formats/rpm/rpm-tags.ts'
import { signingKey } from '../../../formats/rpm/signing-key.ts'
import { type ChangelogEntry, changelogOf } from './changelog.ts'
import { type Dependency, type RawDependency, rawDependencies, rawProvides, toDependency } from './dependency.ts'
import type { dependencyKinds } from './dependency-kinds.ts'
import { type ListedFile, listedFiles } from './file-list.ts'
import { headerText } from './header-text.ts'
import { requirementsOf } from './requirements.ts'
import { isSourcePackage, leavesOutSources, sourceRpmOf } from './source-package.ts'

export type Dependencies = Readonly<Record<(typeof dependencyKinds)[number], readonly Dependency[]>>

/** What a package says of itself. Texts that are absent are empty, times and sizes 0. */
export interface RpmPackage {
  /** A delta holds the difference to an older build only. */
  readonly kind: 'binary' | 'source' | 'delta'
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  /** `src` of every source package. */
  readonly arch: string
  readonly summary: string
  readonly description: string
  readonly packager: string
  readonly url: string
  readonly license: string
  readonly vendor: string
  readonly group: string
  readonly buildHost: string
  readonly sourceRpm: string
  /** Unix time, seconds. */
  readonly buildTime: number
  /** Bytes of its files. */
  readonly installedSize: number
  /** Bytes of its payload when it is not compressed. */
  readonly archiveSize: number
  readonly headerRange: { readonly start: number; readonly end: number }
  readonly dependencies: Dependencies
  readonly changelog: readonly ChangelogEntry[]
  /** 16 hexadecimal digits. */
  readonly signingKey: string | undefined
  /** The name that rpmbuild gives the file: `nosrc` when some of its sources are left out. */
  readonly fileName: string
  files(): Iterable<ListedFile>
}

/** No file system takes longer names of files. */
const maxNameLength = 255

/** Throws a FormatError when it has no name, version, release or arch. */
export function readRpmPackage({ signature, header, headerRange }: PackageHead): RpmPackage {
  const text = (tag: keyof typeof rpmTags) => headerText(header.text(rpmTags[tag]))
  const isSource = isSourcePackage(header)
  const [name, version, release] = [text('name'), text('version'), text('release')]
  const arch = isSource ? 'src' : text('arch')
  for (const [what, value] of Object.entries({ name, version, release, arch })) {
    if (value.trim() === '') throw new FormatError('malformed', `its header has no ${what}`)
    if (value.length > maxNameLength) throw new FormatError('malformed', `the ${what} in its header is too long`)
  }
  return {
    kind: kindOf(header, isSource),
    name,
    epoch: String(header.number(rpmTags.epoch) ?? 0),
    version,
    release,
    arch,
    summary: text('summary'),
    description: text('description'),
    packager: text('packager'),
    url: text('url'),
    license: text('license'),
    vendor: text('vendor'),
    group: text('group'),
    buildHost: text('buildHost'),
    sourceRpm: sourceRpmOf(header),
    buildTime: header.number(rpmTags.buildTime) ?? 0,
    installedSize: header.number(rpmTags.longSize) ?? header.number(rpmTags.size) ?? 0,
    archiveSize: archiveSizeOf(signature, header),
    headerRange,
    dependencies: dependenciesOf(header),
    changelog: changelogOf(header),
    signingKey: signingKey(signature),
    fileName: `${name}-${version}-${release}.${isSource && leavesOutSources(header) ? 'nosrc' : arch}.rpm`,
    files: () => listedFiles(header),
  }
}

function kindOf(header: RpmHeader, isSource: boolean): RpmPackage['kind'] {
  if (headerText(header.text(rpmTags.payloadFormat)) === 'drpm') return 'delta'
  return isSource ? 'source' : 'binary'
}

/** It stands in the signature header, since it is known only when the payload has been written. */
function archiveSizeOf(signature: RpmHeader, header: RpmHeader): number {
  const long = header.number(rpmTags.longArchiveSize) ?? signature.number(signatureTags.longArchiveSize)
  const short = header.number(rpmTags.archiveSize) ?? signature.number(signatureTags.payloadSize)
  return long ?? short ?? header.number(rpmTags.openPayloadSize) ?? 0
}

const strong = 1 << 27

function dependenciesOf(header: RpmHeader): Dependencies {
  const { requires, recommends } = requirementsOf(header)
  const all = (kind: 'conflicts' | 'obsoletes' | 'suggests' | 'enhances' | 'recommends' | 'supplements') =>
    toDependencies(rawDependencies(header, kind))
  const old = (kind: 'oldSuggests' | 'oldEnhances', isStrong: boolean) =>
    toDependencies(rawDependencies(header, kind).filter(({ sense }) => ((sense & strong) !== 0) === isStrong))
  return {
    provides: toDependencies(rawProvides(header)),
    requires,
    conflicts: all('conflicts'),
    obsoletes: all('obsoletes'),
    suggests: [...all('suggests'), ...old('oldSuggests', false)],
    enhances: [...all('enhances'), ...old('oldEnhances', false)],
    recommends: [...recommends, ...all('recommends'), ...old('oldSuggests', true)],
    supplements: [...all('supplements'), ...old('oldEnhances', true)],
  }
}

function toDependencies(raw: Iterable<RawDependency>): readonly Dependency[] {
  return Array.from(raw, (one) => toDependency(one)).filter((one) => one !== undefined)
}

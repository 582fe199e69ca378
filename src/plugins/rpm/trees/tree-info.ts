import { type Digest, parseDigestAlgorithm } from '../../../core/digest.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { type Ini, parseIni } from '../../../formats/ini.ts'
import { hasSoundValue } from '../package-unit.ts'
import { TreeFiles } from './tree-files.ts'
import { isTreeFile, repositoryInTree } from './tree-path.ts'

const maxText = 255
/** Variants and addons of one tree with repositories of their own; RHEL has had about ten. */
const mostRepositories = 100
/** Unix seconds; later is no time of a build. */
const maxTimestamp = 1e11

/** What a treeinfo says (pulp2-types §5.1). */
export interface TreeInfo {
  readonly family: string
  /** Null where it says nothing of one. */
  readonly variant: string | null
  readonly version: string
  readonly arch: string
  /** Unix time, seconds, with a fraction in old ones. */
  readonly timestamp: number | undefined
  /** The folder of the packages, below the tree; mostly empty. */
  readonly packagedir: string
  readonly files: TreeFiles
  /** Folders below the tree that are repositories of variants or addons, each once. */
  readonly repositories: readonly string[]
}

type Section = ReadonlyMap<string, string>

/**
 * Reads a treeinfo: the old form, whose section `general` says it all, and that of productmd 1.x, where the sections `release` and
 * `tree` do and `general` repeats it for old readers. Throws a FormatError for what lacks family, version or arch, and for files that
 * would lie elsewhere.
 */
export function parseTreeInfo(bytes: Uint8Array): TreeInfo {
  const ini = parseIni(textOf(bytes), (key) => key)
  const [general, release, tree] = [sectionOf(ini, 'general'), releaseOf(ini), sectionOf(ini, 'tree')]
  return {
    family: required('family', general.get('family') ?? release.get('name')),
    variant: bounded('variant', general.get('variant') ?? firstOf(tree.get('variants'))) ?? null,
    version: required('version', general.get('version') ?? release.get('version')),
    arch: required('arch', general.get('arch') ?? tree.get('arch')),
    timestamp: timestampOf(general.get('timestamp') ?? tree.get('build_timestamp')),
    packagedir: bounded('packagedir', general.get('packagedir')) ?? '',
    files: filesOf(ini),
    repositories: repositoriesOf(ini),
  }
}

/** Whether a section of a treeinfo tells of a variant or an addon. */
export function isVariant(title: string): boolean {
  return /^(?:variant|addon)-/.test(title)
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new FormatError('malformed', 'it is not UTF-8', { cause: error })
  }
}

function sectionOf(ini: Ini, name: string): Section {
  return ini.get(name) ?? new Map()
}

/** Called so since productmd 1.1. */
function releaseOf(ini: Ini): Section {
  return ini.get('release') ?? sectionOf(ini, 'product')
}

function firstOf(list: string | undefined): string | undefined {
  return list?.split(',')[0]?.trim()
}

function required(name: string, text: string | undefined): string {
  const found = bounded(name, text)
  if (found === undefined || found === '') throw new FormatError('malformed', `it names no ${name}`)
  return found
}

function bounded(name: string, text: string | undefined): string | undefined {
  if (text !== undefined && (text.length > maxText || /\p{Cc}/u.test(text)))
    throw new FormatError('malformed', `its ${name} is no line of up to ${maxText} characters`)
  return text
}

function timestampOf(text: string | undefined): number | undefined {
  const seconds = /^\d{1,15}(\.\d{1,9})?$/.test(text ?? '') ? Number(text) : Number.NaN
  return seconds >= 0 && seconds <= maxTimestamp ? seconds : undefined
}

/** Those of the sections `checksums`, `stage2` and `images-<platform>`. */
function filesOf(ini: Ini): TreeFiles {
  const files = new TreeFiles()
  for (const [path, checksum] of sectionOf(ini, 'checksums')) files.add(path, toDigest(path, checksum))
  for (const [title, section] of ini) {
    if (title !== 'stage2' && !title.startsWith('images-')) continue
    for (const path of section.values()) if (path !== '') files.add(path)
  }
  return files
}

function repositoriesOf(ini: Ini): readonly string[] {
  const variants = [...ini].filter(([title]) => isVariant(title))
  const folders = variants.map(([, section]) => repositoryInTree(section.get('repository') ?? ''))
  const below = [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .filter((folder) => folder !== '' && isTreeFile(`${folder}/x`))
  if (below.length > mostRepositories)
    throw new FormatError('too-large', `it names more than ${mostRepositories} repositories below the tree`)
  return below
}

function toDigest(path: string, checksum: string): Digest {
  const [, type = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(checksum) ?? []
  const algorithm = parseDigestAlgorithm(type.trim())
  const digest = algorithm && { algorithm, value: value.toLowerCase() }
  if (digest === undefined || !hasSoundValue(digest))
    throw new FormatError('malformed', `the checksum of ${path.slice(0, 100)} is none`)
  return digest
}

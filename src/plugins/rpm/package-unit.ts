import { type Digest, digestAlgorithms, parseDigestAlgorithm } from '../../core/digest.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import { PrintedJson } from '../../core/printed-json.ts'
import type { Problem } from '../../core/sync-progress.ts'
import type { DiscoveredFile, PrintedUnit } from '../../core/unit.ts'
import { escapeAttribute } from '../../formats/xml-text.ts'
import type { PrimaryPackage } from './metadata/primary-package.ts'
import { ownText } from './metadata/tag-text.ts'
import { maxNameLength, packageFileName, packageUrl } from './package-location.ts'
import { typeOfArch } from './rpm-types.ts'
import { sortIndex } from './sort-index.ts'

/** A package's element in each of the three files, as they are kept. */
export interface PackageDocuments {
  readonly primary: Buffer
  readonly filelists: Buffer
  readonly other: Buffer
}

/** The unit of a package, or what is wrong with it; `fileName` is what its file is kept as, if that can be. */
export function toPackageUnit(
  found: PrimaryPackage,
  documents: PackageDocuments,
  repository: URL,
  fileName: string | undefined,
): PrintedUnit | Problem {
  const digest = digestOf(found)
  if (digest === undefined) return unknownChecksum(found)
  const url = packageUrl(found.href, found.base, repository)
  if (!hasSoundValue(digest)) return malformedPackage(found, `its ${digest.algorithm} is not one`)
  if (hasEndlessKey(found)) return malformedPackage(found, 'its name, version, release or arch is too long')
  if (fileName === undefined || url === undefined) return malformedPackage(found, 'its location cannot be used')
  const source = { path: ownText(fileName), digests: [digest], urls: [url] }
  const file = found.size === undefined ? source : { ...source, size: found.size }
  return packageUnit(found, { ...documents, primary: atItsName(documents.primary, found, fileName) }, digest, file)
}

/** The unit of a package with the checksum `digest`; the location in its documents is the bare name of `file`. */
export function packageUnit(
  found: PrimaryPackage,
  documents: PackageDocuments,
  digest: Digest,
  file: DiscoveredFile,
): PrintedUnit {
  const { filelists, other, primary } = documents
  return {
    type: typeOfArch(found.arch),
    key: keyOf(found, digest),
    metadata: PrintedJson.of(metadataOf(found, digest, file.path)),
    files: [file],
    documents: { filelists, other, primary },
  }
}

/** No file system takes longer names, nor rpm the packages. */
function hasEndlessKey({ name, epoch, version, release, arch }: PrimaryPackage): boolean {
  return Math.max(name.length, epoch.length, version.length, release.length, arch.length) > maxNameLength
}

const hexLengths = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 } as const

export function digestOf({
  checksumType,
  checksum,
}: Pick<PrimaryPackage, 'checksumType' | 'checksum'>): Digest | undefined {
  const algorithm = parseDigestAlgorithm(checksumType)
  return algorithm === undefined ? undefined : { algorithm, value: ownText(checksum.toLowerCase()) }
}

export function hasSoundValue({ algorithm, value }: Digest): boolean {
  return value.length === hexLengths[algorithm] && /^[0-9a-f]+$/.test(value)
}

/** Its members, as those below, are in the order of their names: then their hashes cost least (`canonicalJson`). */
function keyOf({ name, epoch, version, release, arch }: PrimaryPackage, digest: Digest): JsonObject {
  return { arch, checksum: digest.value, checksumtype: digest.algorithm, epoch, name: ownText(name), release, version }
}

/** The key and the scalar fields of pulp2-types §5.1; those that a package does not have are left out. */
function metadataOf(found: PrimaryPackage, digest: Digest, fileName: string): JsonObject {
  const { headerStart: start, headerEnd: end } = found
  return withoutMissing({
    arch: found.arch,
    build_time: found.buildTime,
    buildhost: found.buildHost || undefined,
    checksum: digest.value,
    checksumtype: digest.algorithm,
    description: found.description,
    epoch: found.epoch,
    filename: fileName,
    group: found.group || undefined,
    header_range: start === undefined || end === undefined ? undefined : { end, start },
    license: found.license || undefined,
    name: found.name,
    relativepath: fileName,
    release: found.release,
    release_sort_index: sortIndex(found.release),
    size: found.size,
    sourcerpm: found.sourceRpm || undefined,
    summary: found.summary,
    time: found.fileTime,
    url: found.url || undefined,
    vendor: found.vendor || undefined,
    version: found.version,
    version_sort_index: sortIndex(found.version),
  })
}

/** Nearly always nothing is missing. */
function withoutMissing(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  if (isWhole(members)) return members
  return Object.fromEntries(
    Object.entries(members).filter((member): member is [string, Json] => member[1] !== undefined),
  )
}

function isWhole(members: Readonly<Record<string, Json | undefined>>): members is JsonObject {
  for (const name in members) if (members[name] === undefined) return false
  return true
}

/**
 * The element with nothing but the file name as location: where upstream keeps the file says nothing of the package, and two
 * upstreams of one package shall give one unit.
 */
function atItsName(snippet: Buffer, found: PrimaryPackage, fileName: string): Buffer {
  if (found.href === fileName && found.base === undefined) return snippet
  const location = Buffer.from(`<location href="${escapeAttribute(fileName)}"/>`)
  return Buffer.concat([snippet.subarray(0, found.locationStart), location, snippet.subarray(found.locationEnd)])
}

function unknownChecksum(found: PrimaryPackage): Problem {
  return {
    ...problemOf(found, `its checksum type ${found.checksumType.slice(0, 40)} is not known`, 'checksum_type_unknown'),
    data: { checksum_type: found.checksumType.slice(0, 40), accepted_checksum_types: [...digestAlgorithms] },
  }
}

function malformedPackage(found: PrimaryPackage, reason: string): Problem {
  return problemOf(found, reason, 'malformed')
}

function problemOf(found: PrimaryPackage, reason: string, code: string): Problem {
  const bounded = withinBounds(found)
  const { name, epoch, version, release, arch, checksumType, checksum } = bounded
  const digest = digestOf(bounded)
  const raw = { name, epoch, version, release, arch, checksumtype: checksumType, checksum }
  const key = digest === undefined ? raw : keyOf(bounded, digest)
  const label = packageFileName(found.href) ?? `${name}-${version}-${release}.${arch}`
  return { stage: 'metadata', type: typeOfArch(arch), key, name: label, reason, code }
}

/** A report shall not grow with what an upstream makes up. */
function withinBounds(found: PrimaryPackage): PrimaryPackage {
  const { name, epoch, version, release, arch, checksumType, checksum } = found
  const texts = Object.entries({ name, epoch, version, release, arch, checksumType, checksum })
  return { ...found, ...Object.fromEntries(texts.map(([field, text]) => [field, text.slice(0, maxNameLength)])) }
}

/** What stands in filelists or other for a package that upstream forgot there: published files must list every package. */
export function emptySnippet({ name, arch, epoch, version, release, checksum }: PrimaryPackage): Buffer {
  const attributes = `pkgid="${escapeAttribute(checksum)}" name="${escapeAttribute(name)}" arch="${escapeAttribute(arch)}"`
  const evr = `epoch="${escapeAttribute(epoch)}" ver="${escapeAttribute(version)}" rel="${escapeAttribute(release)}"`
  return Buffer.from(`<package ${attributes}>\n  <version ${evr}/>\n</package>`)
}

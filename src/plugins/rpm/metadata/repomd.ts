import type { Digest } from '../../../core/digest.ts'
import { parseDigestAlgorithm } from '../../../core/digest.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { childOf, parseXml, type XmlElement } from '../../../formats/xml.ts'
import { escapeAttribute, escapeText } from '../../../formats/xml-text.ts'
import { namespaces } from './namespaces.ts'
import { printTags, type RepomdTags, readTags } from './repomd-tags.ts'

/** One metadata file as repomd.xml lists it. */
export interface RepomdRecord {
  /** `primary`, `filelists`, `other`, `updateinfo` … */
  readonly type: string
  /** Relative to the repository, or to `base` if there is one. */
  readonly href: string
  readonly base?: string
  readonly checksum?: Digest
  readonly openChecksum?: Digest
  /** Bytes. */
  readonly size?: number
  readonly openSize?: number
  /** Unix time, seconds. */
  readonly timestamp?: number
  readonly databaseVersion?: number
}

/** The table of contents of a repository's metadata. */
export interface Repomd {
  readonly revision?: string
  readonly tags?: RepomdTags
  readonly records: readonly RepomdRecord[]
}

/** Reads a repomd.xml. Records without a location are left out. Throws a FormatError. */
export function parseRepomd(bytes: Uint8Array): Repomd {
  const root = parseXml(bytes)
  if (root.name !== 'repomd') throw new FormatError('malformed', `its root element is ${root.name}, not repomd`)
  const revision = childOf(root, 'revision')?.text.trim()
  const records = root.children.filter((child) => child.name === 'data').flatMap(toRecord)
  const tags = readTags(root)
  return { ...(revision !== undefined && { revision }), ...(tags !== undefined && { tags }), records }
}

/** The inverse of `parseRepomd`. */
export function printRepomd({ revision, tags, records }: Repomd): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<repomd xmlns="${namespaces.repo}" xmlns:rpm="${namespaces.rpm}">`,
    ...element('revision', revision),
    ...(tags === undefined ? [] : printTags(tags)),
    ...records.flatMap(recordLines),
    '</repomd>',
  ]
  return `${lines.join('\n')}\n`
}

function toRecord(data: XmlElement): readonly RepomdRecord[] {
  const type = data.attributes.get('type')
  const location = childOf(data, 'location')
  const href = location?.attributes.get('href')
  if (type === undefined || href === undefined || href === '') return []
  return [
    {
      type,
      href,
      ...optional('base', location?.attributes.get('xml:base')),
      ...optional('checksum', digestOf(data, 'checksum')),
      ...optional('openChecksum', digestOf(data, 'open-checksum')),
      ...optional('size', numberOf(data, 'size')),
      ...optional('openSize', numberOf(data, 'open-size')),
      ...optional('timestamp', numberOf(data, 'timestamp')),
      ...optional('databaseVersion', numberOf(data, 'database_version')),
    },
  ]
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  // A computed key makes TypeScript forget its name.
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value })
}

/** Undefined for an algorithm that we do not have: the file is then taken on its size. */
function digestOf(data: XmlElement, name: string): Digest | undefined {
  const checksum = childOf(data, name)
  const algorithm = parseDigestAlgorithm(checksum?.attributes.get('type') ?? '')
  return checksum === undefined || algorithm === undefined
    ? undefined
    : { algorithm, value: checksum.text.trim().toLowerCase() }
}

/** Whole numbers only; old tools wrote time stamps with a fraction. */
function numberOf(data: XmlElement, name: string): number | undefined {
  const digits = /^\s*(\d{1,15})(?:\.\d*)?\s*$/.exec(childOf(data, name)?.text ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function recordLines(record: RepomdRecord): readonly string[] {
  const base = record.base === undefined ? '' : `xml:base="${escapeAttribute(record.base)}" `
  return [
    `  <data type="${escapeAttribute(record.type)}">`,
    ...checksum('checksum', record.checksum),
    ...checksum('open-checksum', record.openChecksum),
    `    <location ${base}href="${escapeAttribute(record.href)}"/>`,
    ...element('timestamp', record.timestamp, '    '),
    ...element('size', record.size, '    '),
    ...element('open-size', record.openSize, '    '),
    ...element('database_version', record.databaseVersion, '    '),
    '  </data>',
  ]
}

function checksum(name: string, digest: Digest | undefined): readonly string[] {
  return digest === undefined ? [] : [`    <${name} type="${digest.algorithm}">${digest.value}</${name}>`]
}

function element(name: string, value: string | number | undefined, indent = '  '): readonly string[] {
  return value === undefined ? [] : [`${indent}<${name}>${escapeText(String(value))}</${name}>`]
}

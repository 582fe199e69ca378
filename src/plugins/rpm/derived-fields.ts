import type { ContentType, UnitDocuments } from '../../core/content-type.ts'
import { childOf, type XmlElement } from '../../formats/xml.ts'
import { type PackageFile, packageFiles } from './metadata/namespaces.ts'
import { packageElement } from './package-element.ts'

/** The fields of a package that clients see and that only its documents hold (pulp2-types §5.1). */
export const derivedFields: NonNullable<ContentType['derivedFields']> = {
  provides: (documents) => capabilities(documents, 'provides'),
  requires: (documents) => capabilities(documents, 'requires'),
  files: (documents) => fileNames(elementOf(documents, 'filelists')),
  changelog: (documents) => changelog(elementOf(documents, 'other')),
  repodata: (documents) => Object.fromEntries(packageFiles.map((file) => [file, textOf(documents, file)])),
}

/** A capability with its version; null what it does not name. */
function capabilities(documents: UnitDocuments, kind: 'provides' | 'requires') {
  const format = elementOf(documents, 'primary')?.children.find(({ name }) => name === 'format')
  const list = format === undefined ? undefined : childOf(format, kind)
  return (list?.children ?? []).map(({ attributes }) => ({
    name: attributes.get('name') ?? null,
    epoch: attributes.get('epoch') ?? null,
    version: attributes.get('ver') ?? null,
    release: attributes.get('rel') ?? null,
    flags: attributes.get('flags') ?? null,
  }))
}

/** Names by kind: `dir`, `file`, and others (`ghost`) where there are any. */
function fileNames(element: XmlElement | undefined): Record<string, string[]> {
  const names: Record<string, string[]> = { dir: [], file: [] }
  for (const child of element?.children ?? []) {
    if (child.name !== 'file') continue
    const kind = child.attributes.get('type') ?? 'file'
    names[kind] ??= []
    names[kind].push(child.text)
  }
  return names
}

/** `[unix time, author, text]` each. */
function changelog(element: XmlElement | undefined): readonly (readonly [number, string, string])[] {
  const entries = (element?.children ?? []).filter(({ name }) => name === 'changelog')
  return entries.map(({ attributes, text }) => [
    Number(attributes.get('date') ?? 0),
    attributes.get('author') ?? '',
    text,
  ])
}

function elementOf(documents: UnitDocuments, file: PackageFile): XmlElement | undefined {
  return packageElement(file, documents[file])
}

function textOf(documents: UnitDocuments, file: PackageFile): string {
  return Buffer.from(documents[file] ?? []).toString('utf8')
}

import type { PackageDocuments } from '../package-unit.ts'
import type { Dependency } from './dependency.ts'
import { dependencyKinds } from './dependency-kinds.ts'
import { isPrimaryPath, type ListedFile } from './file-list.ts'
import type { RpmPackage } from './rpm-package.ts'
import { XmlSnippet } from './xml-snippet.ts'

/** What repodata says of a package's file and the header does not know. */
export interface StoredPackage {
  readonly checksumType: string
  readonly checksum: string
  /** Bytes. */
  readonly size: number
  /** Unix time, seconds. */
  readonly fileTime: number
  readonly href: string
}

/** The elements of a package in primary, filelists and other, as createrepo_c prints them. Throws a FormatError when they get too large. */
export function printPackage(rpm: RpmPackage, stored: StoredPackage): PackageDocuments {
  return { primary: primary(rpm, stored), filelists: filelists(rpm, stored), other: other(rpm, stored) }
}

function primary(rpm: RpmPackage, stored: StoredPackage): Buffer {
  const xml = new XmlSnippet()
  xml.open(0, 'package', { type: 'rpm' })
  xml.leaf(1, 'name', rpm.name)
  xml.leaf(1, 'arch', rpm.arch)
  xml.leaf(1, 'version', '', versionOf(rpm))
  xml.leaf(1, 'checksum', stored.checksum, { type: stored.checksumType, pkgid: 'YES' })
  for (const name of ['summary', 'description', 'packager', 'url'] as const) xml.leaf(1, name, rpm[name])
  xml.leaf(1, 'time', '', { file: stored.fileTime, build: rpm.buildTime })
  xml.leaf(1, 'size', '', { package: stored.size, installed: rpm.installedSize, archive: rpm.archiveSize })
  xml.leaf(1, 'location', '', { href: stored.href })
  printFormat(xml, rpm)
  xml.close(0, 'package')
  return xml.bytes()
}

function printFormat(xml: XmlSnippet, rpm: RpmPackage): void {
  xml.open(1, 'format')
  xml.leaf(2, 'rpm:license', rpm.license)
  xml.leaf(2, 'rpm:vendor', rpm.vendor)
  xml.leaf(2, 'rpm:group', rpm.group)
  xml.leaf(2, 'rpm:buildhost', rpm.buildHost)
  xml.leaf(2, 'rpm:sourcerpm', rpm.sourceRpm)
  xml.leaf(2, 'rpm:header-range', '', { start: rpm.headerRange.start, end: rpm.headerRange.end })
  for (const kind of dependencyKinds) printDependencies(xml, `rpm:${kind}`, rpm.dependencies[kind])
  for (const file of rpm.files()) if (isPrimaryPath(file.path)) printFile(xml, 2, file)
  xml.close(1, 'format')
}

function printDependencies(xml: XmlSnippet, name: string, dependencies: readonly Dependency[]): void {
  if (dependencies.length === 0) return
  xml.open(2, name)
  for (const dependency of dependencies) {
    if (dependency.name !== '') xml.leaf(3, 'rpm:entry', '', entryAttributes(dependency))
  }
  xml.close(2, name)
}

/** Without a comparison a version says nothing. */
function entryAttributes({ name, flags, epoch, version, release, pre }: Dependency) {
  const evr = { flags, epoch, ver: version || undefined, rel: release || undefined }
  return { name, ...(flags !== undefined && evr), ...(pre && { pre: 1 }) }
}

function filelists(rpm: RpmPackage, stored: StoredPackage): Buffer {
  const xml = startOf(rpm, stored)
  for (const file of rpm.files()) printFile(xml, 1, file)
  xml.close(0, 'package')
  return xml.bytes()
}

function other(rpm: RpmPackage, stored: StoredPackage): Buffer {
  const xml = startOf(rpm, stored)
  for (const { author, date, text } of rpm.changelog) xml.leaf(1, 'changelog', text, { author, date })
  xml.close(0, 'package')
  return xml.bytes()
}

function startOf(rpm: RpmPackage, { checksum }: StoredPackage): XmlSnippet {
  const xml = new XmlSnippet()
  xml.open(0, 'package', { pkgid: checksum, name: rpm.name, arch: rpm.arch })
  xml.leaf(1, 'version', '', versionOf(rpm))
  return xml
}

function printFile(xml: XmlSnippet, depth: number, { path, type }: ListedFile): void {
  xml.leaf(depth, 'file', path, type === 'file' ? {} : { type })
}

function versionOf({ epoch, version, release }: RpmPackage) {
  return { epoch, ver: version, rel: release }
}

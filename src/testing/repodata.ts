import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { DigestAlgorithm } from '../core/digest.ts'

/** A package as repodata describes it. */
export interface TestPackage {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly checksumType: string
  readonly checksum: string
  readonly size: number
  readonly href: string
  readonly base?: string
  readonly summary: string
  readonly description: string
  readonly files: readonly string[]
  readonly changelog: readonly string[]
}

/** A package with everything that a test does not care about filled in. `body` stands for its file. */
export function anRpm(change: Partial<TestPackage> & { readonly body?: string } = {}): TestPackage {
  const { name = 'bear', version = '4.1', release = '1', arch = 'noarch' } = change
  const body = change.body ?? `${name}-${version}-${release}.${arch}`
  const checksumType = change.checksumType ?? 'sha256'
  return {
    name,
    epoch: '0',
    version,
    release,
    arch,
    checksumType,
    checksum: createHash(checksumType === 'sha' ? 'sha1' : checksumType)
      .update(body)
      .digest('hex'),
    size: body.length,
    href: `${name}-${version}-${release}.${arch}.rpm`,
    summary: `A dummy package of ${name}`,
    description: `A dummy package of ${name}.\nIt has <angles> & "quotes".`,
    files: [`/usr/bin/${name}`],
    changelog: [`- made ${name}`],
    ...change,
  }
}

const escaped = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
const evr = (p: TestPackage) => `epoch="${p.epoch}" ver="${p.version}" rel="${p.release}"`
const head = (p: TestPackage) =>
  `<package pkgid="${p.checksum}" name="${escaped(p.name)}" arch="${p.arch}">\n  <version ${evr(p)}/>`

/** The element of a package in each file, as createrepo_c writes it. */
export const snippetWriters = {
  primary: (p: TestPackage) => `<package type="rpm">
  <name>${escaped(p.name)}</name>
  <arch>${p.arch}</arch>
  <version ${evr(p)}/>
  <checksum type="${p.checksumType}" pkgid="YES">${p.checksum}</checksum>
  <summary>${escaped(p.summary)}</summary>
  <description>${escaped(p.description)}</description>
  <packager/>
  <url>http://example.test/${escaped(p.name)}?a=1&amp;b=2</url>
  <time file="1700000002" build="1700000001"/>
  <size package="${p.size}" installed="31" archive="560"/>
  <location ${p.base === undefined ? '' : `xml:base="${escaped(p.base)}" `}href="${escaped(p.href)}"/>
  <format>
    <rpm:license>GPLv2</rpm:license>
    <rpm:vendor/>
    <rpm:group>Internet/Applications</rpm:group>
    <rpm:buildhost>build.example.test</rpm:buildhost>
    <rpm:sourcerpm>${p.arch === 'src' ? '' : escaped(`${p.name}-${p.version}-${p.release}.src.rpm`)}</rpm:sourcerpm>
    <rpm:header-range start="280" end="2016"/>
    <rpm:provides>
      <rpm:entry name="${escaped(p.name)}" flags="EQ" ${evr(p)}/>
    </rpm:provides>
    <rpm:requires>
      <rpm:entry name="/bin/sh"/>
    </rpm:requires>
    <file>${escaped(p.files[0] ?? '')}</file>
  </format>
</package>`,
  filelists: (p: TestPackage) =>
    `${head(p)}\n${p.files.map((file) => `  <file>${escaped(file)}</file>\n`).join('')}  <file type="dir">/usr/share/${escaped(p.name)}</file>\n</package>`,
  other: (p: TestPackage) =>
    `${head(p)}\n${p.changelog.map((text) => `  <changelog author="A &lt;a@example.test&gt; - 1" date="1300000000">${escaped(text)}</changelog>\n`).join('')}</package>`,
}

export type RepodataFile = keyof typeof snippetWriters

const rootTags: Readonly<Record<RepodataFile, (count: number) => readonly [string, string]>> = {
  primary: (count) => [
    `<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="${count}">`,
    '</metadata>',
  ],
  filelists: (count) => [
    `<filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="${count}">`,
    '</filelists>',
  ],
  other: (count) => [`<otherdata xmlns="http://linux.duke.edu/metadata/other" packages="${count}">`, '</otherdata>'],
}

/** A whole primary, filelists or other. */
export function packageXml(file: RepodataFile, packages: readonly TestPackage[], announced = packages.length): string {
  const [start, end] = rootTags[file](announced)
  const snippets = packages.map((item) => `${snippetWriters[file](item)}\n`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n${start}\n${snippets}${end}`
}

const compressors = {
  gz: (bytes: Buffer) => gzipSync(bytes),
  zst: (bytes: Buffer) => zstdCompressSync(bytes),
  xz: compressXz,
  none: (bytes: Buffer) => bytes,
}

export interface RepodataOptions {
  readonly packages: readonly TestPackage[]
  /** Of filelists and other, if not that of primary. */
  readonly order?: readonly TestPackage[]
  readonly compression?: keyof typeof compressors
  readonly checksum?: DigestAlgorithm
  /** Changes the text of a file before it is compressed; undefined leaves the file out. */
  readonly edit?: (file: RepodataFile, xml: string) => string | undefined
  /** More `<data>` elements of repomd.xml. */
  readonly moreRecords?: string
}

/** A yum repository in memory: path → bytes, the packages themselves left out. */
export async function yumRepository(options: RepodataOptions): Promise<Record<string, Buffer>> {
  const { packages, order = packages, compression = 'gz', checksum = 'sha256', edit = (_, xml) => xml } = options
  const files: Record<string, Buffer> = {}
  const records: string[] = []
  for (const file of ['primary', 'filelists', 'other'] as const) {
    const xml = edit(file, packageXml(file, file === 'primary' ? packages : order))
    if (xml === undefined) continue
    const open = Buffer.from(xml)
    const packed = await compressors[compression](open)
    const sum = (bytes: Buffer) => createHash(checksum).update(bytes).digest('hex')
    const path = `repodata/${sum(packed)}-${file}.xml${compression === 'none' ? '' : `.${compression}`}`
    files[path] = packed
    records.push(`<data type="${file}">
    <checksum type="${checksum}">${sum(packed)}</checksum>
    <open-checksum type="${checksum}">${sum(open)}</open-checksum>
    <location href="${path}"/>
    <timestamp>1700000000</timestamp>
    <size>${packed.length}</size>
    <open-size>${open.length}</open-size>
  </data>`)
  }
  files['repodata/repomd.xml'] = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">
  <revision>1700000000</revision>
  ${records.join('\n  ')}${options.moreRecords ?? ''}
</repomd>\n`)
  return files
}

/** The same files as an upstream serves them below `base`. */
export function servedAt(base: string, files: Readonly<Record<string, Buffer>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(files).map(([path, bytes]) => [base + path, bytes]))
}

async function compressXz(bytes: Buffer): Promise<Buffer> {
  const { default: lzma } = await import('lzma-native')
  const encoder = lzma.createStream('easyEncoder', { preset: 1 })
  encoder.end(bytes)
  return Buffer.concat(await Array.fromAsync<Buffer>(encoder))
}

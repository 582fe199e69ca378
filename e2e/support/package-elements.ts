import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readPackageHead } from '../../src/formats/rpm/package-head.ts'
import { parseXml, type XmlElement } from '../../src/formats/xml.ts'
import { type PackageFile, packageFiles, rootStartTag, roots } from '../../src/plugins/rpm/metadata/namespaces.ts'
import { printPackage } from '../../src/plugins/rpm/package/print-package.ts'
import { readRpmPackage } from '../../src/plugins/rpm/package/rpm-package.ts'
import { sha256 } from './published.ts'

/** An element of XML in a form that can be compared: name, attributes by name, what is in it. */
export type PlainElement = readonly [string, Readonly<Record<string, string>>, string | readonly PlainElement[]]

/** What stands in primary, filelists and other of one package. */
export type PackageElements = Readonly<Record<PackageFile, PlainElement>>

/** By checksum, what createrepo_c has written into the `repodata` of a folder. */
export async function writtenElements(folder: string): Promise<ReadonlyMap<string, PackageElements>> {
  const names = await readdir(join(folder, 'repodata'))
  const roots = await Promise.all(
    packageFiles.map(async (file) => {
      const name = names.find((one) => one.endsWith(`-${file}.xml.gz`)) ?? ''
      return [file, parseXml(gunzipSync(await readFile(join(folder, 'repodata', name))))] as const
    }),
  )
  const found = new Map<string, Record<string, PlainElement>>()
  for (const [file, root] of roots) {
    for (const child of root.children) {
      const id = child.attributes.get('pkgid') ?? child.children.find(({ name }) => name === 'checksum')?.text ?? ''
      found.set(id, { ...found.get(id), [file]: plain(child) })
    }
  }
  return new Map([...found].map(([id, elements]) => [id, complete(elements)]))
}

/** What our reader makes of a package file, and its checksum. */
export async function readElements(path: string): Promise<{ checksum: string; elements: PackageElements }> {
  const [bytes, { mtimeMs, size }] = [await readFile(path), await stat(path)]
  const checksum = sha256(bytes)
  const rpm = readRpmPackage(await readPackageHead(createReadStream(path, { highWaterMark: 1000 })))
  const href = path.slice(path.lastIndexOf('/') + 1)
  const stored = { checksumType: 'sha256', checksum, size, fileTime: Math.floor(mtimeMs / 1000), href }
  const documents = printPackage(rpm, stored)
  const elements = packageFiles.map((file) => [file, plain(inRoot(file, documents[file]))] as const)
  return { checksum, elements: complete(Object.fromEntries(elements)) }
}

function complete({ primary, filelists, other }: Partial<Record<string, PlainElement>>): PackageElements {
  if (primary === undefined || filelists === undefined || other === undefined)
    throw new Error('a package is not in all three files')
  return { primary, filelists, other }
}

function inRoot(file: PackageFile, snippet: Uint8Array): XmlElement {
  const document = Buffer.concat([Buffer.from(rootStartTag(file, 1)), snippet, Buffer.from(`</${roots[file].name}>`)])
  const element = parseXml(document).children[0]
  if (element === undefined) throw new Error(`${file} has no package`)
  return element
}

function plain({ name, namespace, attributes, children, text }: XmlElement): PlainElement {
  const sorted = Object.fromEntries([...attributes].sort(([one], [two]) => (one < two ? -1 : 1)))
  return [`${namespace} ${name}`, sorted, children.length > 0 ? children.map(plain) : text]
}

import { compressionOf, decompress } from '../../src/formats/compression.ts'
import { parseXml, type XmlElement } from '../../src/formats/xml.ts'
import { type PackageFile, packageFiles } from '../../src/plugins/rpm/metadata/namespaces.ts'
import { canonicalElement } from '../../src/testing/canonical-xml.ts'
import { fetchBytes, recordsOf, sha256 } from './published.ts'

/** What the metadata of a repository say, however they are written and wherever packages lie. */
export interface RepositoryDocuments {
  /** By checksum; primary is without the folder of the package. */
  readonly packages: Readonly<Record<PackageFile, Readonly<Record<string, object>>>>
  readonly advisories: Readonly<Record<string, object>>
  /** Of comps.xml, in its order. */
  readonly groups: readonly object[]
  readonly modules: string
  readonly deltas: readonly object[]
  /** Type → sha256 of all other files. */
  readonly others: Readonly<Record<string, string>>
}

const known: ReadonlySet<string> = new Set([...packageFiles, 'updateinfo', 'group', 'modules', 'prestodelta'])

/** Reads the repository at `url`, which ends with a slash. */
export async function documentsOf(url: string): Promise<RepositoryDocuments> {
  const records = recordsOf((await fetchBytes(`${url}repodata/repomd.xml`)).toString())
  const text = (type: string) => openFile(url, records.get(type)?.href)
  const children = async (type: string) => parseXml(Buffer.from((await text(type)) ?? '<none/>')).children
  const elementsOf = async (file: PackageFile) => byName((await children(file)).map(withoutFolder), packageId)
  const others = [...records].filter(([type]) => !known.has(type))
  return {
    packages: {
      primary: await elementsOf('primary'),
      filelists: await elementsOf('filelists'),
      other: await elementsOf('other'),
    },
    advisories: byName(await children('updateinfo'), (update) => textOf(update, 'id')),
    groups: (await children('group')).map(canonicalElement),
    modules: (await text('modules')) ?? '',
    deltas: sorted((await children('prestodelta')).map(canonicalElement)),
    others: Object.fromEntries(
      await Promise.all(others.map(async ([type, { href }]) => [type, sha256(await fetchBytes(url + href))] as const)),
    ),
  }
}

async function openFile(url: string, href: string | undefined): Promise<string | undefined> {
  if (href === undefined) return undefined
  const packed = [await fetchBytes(url + href)]
  const open = decompress(toStream(packed), compressionOf(href))
  return Buffer.concat(await Array.fromAsync(open)).toString()
}

async function* toStream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}

/** Elements of different names in the order of their names, since that order says nothing; nor do blanks alone. */
function byName(elements: readonly XmlElement[], nameOf: (element: XmlElement) => string): Record<string, object> {
  const named = elements.map((element) => [nameOf(element), canonicalElement(inOrder(element))] as const)
  if (new Set(named.map(([name]) => name)).size < named.length) throw new Error('an element is there twice')
  return Object.fromEntries(named.toSorted(([one], [two]) => (one < two ? -1 : 1)))
}

function inOrder(element: XmlElement): XmlElement {
  const children = element.children.map(inOrder).toSorted((one, two) => one.name.localeCompare(two.name))
  return { ...element, children, text: element.text.trim() === '' ? '' : element.text }
}

/** The package with its bare file name as its place. */
function withoutFolder(element: XmlElement): XmlElement {
  const children = element.children.map((child) => (child.name === 'location' ? fileNameOf(child) : child))
  return { ...element, children }
}

function fileNameOf(location: XmlElement): XmlElement {
  const href = location.attributes.get('href') ?? ''
  return { ...location, attributes: new Map([['href', href.slice(href.lastIndexOf('/') + 1)]]) }
}

function packageId(element: XmlElement): string {
  return element.attributes.get('pkgid') ?? textOf(element, 'checksum')
}

function textOf(element: XmlElement, name: string): string {
  return element.children.find((child) => child.name === name)?.text ?? ''
}

function sorted(elements: readonly object[]): readonly object[] {
  return elements.toSorted((one, two) => (JSON.stringify(one) < JSON.stringify(two) ? -1 : 1))
}

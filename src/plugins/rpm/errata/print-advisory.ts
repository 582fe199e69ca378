import { XmlSnippet } from '../package/xml-snippet.ts'
import { type AdvisedPackage, type Advisory, type Collection, type Suggestions, suggestions } from './advisory.ts'

/** The `<update>` of an advisory, as updateinfo.xml has it. What is empty is left out. */
export function printAdvisory(advisory: Advisory): Buffer {
  const xml = new XmlSnippet()
  const { from, status, type, version } = advisory
  xml.open(1, 'update', filled({ from, status, type, version }))
  xml.leaf(2, 'id', advisory.id)
  xml.leaf(2, 'title', advisory.title)
  for (const name of ['issued', 'updated'] as const)
    if (advisory[name] !== '') xml.leaf(2, name, '', { date: advisory[name] })
  for (const name of ['rights', 'release', 'pushcount', 'severity', 'summary', 'description', 'solution'] as const)
    if (advisory[name] !== '') xml.leaf(2, name, advisory[name])
  printSuggestions(xml, 2, advisory)
  printReferences(xml, advisory)
  xml.open(2, 'pkglist')
  for (const collection of advisory.pkglist) printCollection(xml, collection)
  xml.close(2, 'pkglist')
  xml.close(1, 'update')
  return xml.bytes()
}

function printReferences(xml: XmlSnippet, { references }: Advisory): void {
  xml.open(2, 'references')
  for (const { href, id, type, title } of references)
    xml.leaf(3, 'reference', '', withoutNulls({ href, id, type, title }))
  xml.close(2, 'references')
}

function printCollection(xml: XmlSnippet, { name, short, module, packages }: Collection): void {
  xml.open(3, 'collection', filled({ short }))
  xml.leaf(4, 'name', name)
  if (module !== undefined) xml.leaf(4, 'module', '', { ...module })
  for (const one of packages) printPackage(xml, one)
  xml.close(3, 'collection')
}

function printPackage(xml: XmlSnippet, one: AdvisedPackage): void {
  const { name, version, release, epoch, arch, src, sum } = one
  xml.open(4, 'package', withoutNulls({ name, version, release, epoch: epoch ?? '0', arch, src }))
  xml.leaf(5, 'filename', one.filename)
  for (let at = 0; at + 1 < (sum?.length ?? 0); at += 2) xml.leaf(5, 'sum', sum?.[at + 1], { type: sum?.[at] })
  printSuggestions(xml, 5, one)
  xml.close(4, 'package')
}

function printSuggestions(xml: XmlSnippet, depth: number, suggested: Suggestions): void {
  for (const name of suggestions) if (suggested[name]) xml.leaf(depth, name, 'True')
}

function filled(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''))
}

function withoutNulls(attributes: Readonly<Record<string, string | null>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value ?? undefined]))
}

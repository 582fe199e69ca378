import { childOf, type XmlElement } from '../../../formats/xml.ts'
import type { AdvisedPackage, Advisory, Collection, Module, Reference, Suggestions } from './advisory.ts'

/** More than any id has. */
const maxIdLength = 255

/** Reads an `<update>` of updateinfo.xml. Undefined for one without a usable id. */
export function readAdvisory(update: XmlElement, origin: string): Advisory | undefined {
  const id = textOf(update, 'id').trim()
  if (id === '' || id.length > maxIdLength) return undefined
  const text = (name: string) => textOf(update, name)
  const attribute = (name: string) => update.attributes.get(name) ?? ''
  return {
    id,
    title: text('title'),
    summary: text('summary'),
    description: text('description'),
    solution: text('solution'),
    status: attribute('status'),
    type: attribute('type'),
    severity: text('severity'),
    version: attribute('version'),
    release: text('release'),
    rights: text('rights'),
    pushcount: text('pushcount'),
    from: attribute('from'),
    issued: dateOf(update, 'issued'),
    updated: dateOf(update, 'updated'),
    ...suggestionsOf(update),
    references: childrenOf(childOf(update, 'references'), 'reference').map(toReference),
    pkglist: childrenOf(childOf(update, 'pkglist'), 'collection').map((collection) => toCollection(collection, origin)),
  }
}

function textOf(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? ''
}

function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return (element?.children ?? []).filter((child) => child.name === name)
}

function dateOf(update: XmlElement, name: string): string {
  const element = childOf(update, name)
  return element?.attributes.get('date') ?? element?.text.trim() ?? ''
}

function suggestionsOf(element: XmlElement): Suggestions {
  const is = (name: string) => isTrue(childOf(element, name)?.text)
  return {
    reboot_suggested: is('reboot_suggested'),
    relogin_suggested: is('relogin_suggested'),
    restart_suggested: is('restart_suggested'),
  }
}

/** An element without text says it by being there. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['', 'true', '1', 'yes'].includes(text.trim().toLowerCase())
}

function toReference({ attributes }: XmlElement): Reference {
  const attribute = (name: string) => attributes.get(name) ?? null
  return { href: attribute('href'), id: attribute('id'), type: attribute('type'), title: attribute('title') }
}

function toCollection(collection: XmlElement, origin: string): Collection {
  const module = childOf(collection, 'module')
  return {
    name: textOf(collection, 'name'),
    short: collection.attributes.get('short') ?? '',
    ...(module !== undefined && { module: toModule(module) }),
    packages: childrenOf(collection, 'package').map(toPackage),
    origin,
  }
}

function toModule({ attributes }: XmlElement): Module {
  const attribute = (name: string) => attributes.get(name) ?? ''
  return {
    name: attribute('name'),
    stream: attribute('stream'),
    version: attribute('version'),
    context: attribute('context'),
    arch: attribute('arch'),
  }
}

function toPackage(element: XmlElement): AdvisedPackage {
  const attribute = (name: string) => element.attributes.get(name) ?? ''
  const sums = childrenOf(element, 'sum').flatMap(({ attributes, text }) => [attributes.get('type') ?? '', text.trim()])
  return {
    name: attribute('name'),
    epoch: element.attributes.get('epoch') || null,
    version: attribute('version'),
    release: attribute('release'),
    arch: attribute('arch'),
    src: element.attributes.get('src') ?? null,
    filename: textOf(element, 'filename').trim(),
    sum: sums.length === 0 ? null : sums,
    ...suggestionsOf(element),
  }
}

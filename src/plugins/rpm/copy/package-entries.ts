import { attributesOf, decodeXml, tagEnd } from '../metadata/tag-text.ts'
import type { Capability } from './rich-dependency.ts'
import { senses } from './version-range.ts'

const entryStart = '<rpm:entry'
/** As all tools write it. */
const usualEntry =
  /<rpm:entry name="([^"]*)"(?: flags="([A-Z]+)" epoch="([^"]*)" ver="([^"]*)"(?: rel="([^"]*)")?)?(?: pre="1")?\/>/y
const file = /<file(?:\s[^>]*)?>([^<]*)</g

/** What a package provides or requires. `primary` is its element, with one character for each byte. */
export function* entriesIn(primary: string, list: 'provides' | 'requires'): Generator<Capability> {
  const start = primary.indexOf(`<rpm:${list}>`)
  const end = start === -1 ? -1 : primary.indexOf(`</rpm:${list}>`, start)
  for (let at = primary.indexOf(entryStart, start); at !== -1 && at < end; at = primary.indexOf(entryStart, at + 1)) {
    usualEntry.lastIndex = at
    const found = usualEntry.exec(primary)
    if (found === null) yield unusualEntry(primary.slice(at, tagEnd(primary, at)))
    else yield usualCapability(found)
  }
}

/** Paths that an element of primary or filelists names. */
export function* filesIn(snippet: string): Generator<string> {
  for (const [, path = ''] of snippet.matchAll(file)) yield decodeXml(path)
}

function usualCapability([, name = '', flags, epoch, version = '', release = '']: RegExpExecArray): Capability {
  return toCapability(decodeXml(name), flags, epoch, decodeXml(version), decodeXml(release))
}

function unusualEntry(tag: string): Capability {
  const attributes = attributesOf(tag)
  const [flags, epoch] = [attributes.get('flags'), attributes.get('epoch')]
  return toCapability(attributes.get('name') ?? '', flags, epoch, attributes.get('ver'), attributes.get('rel'))
}

function toCapability(name: string, flags: string | undefined, epoch = '', version = '', release = ''): Capability {
  const sense = flags === undefined ? 0 : (senses[flags] ?? 0)
  if (sense === 0 || version === '') return { name, sense: 0, evr: '' }
  return { name, sense, evr: evrText(epoch, version, release) }
}

/** An epoch of 0 goes without saying, so that one version has one text. */
export function evrText(epoch: string, version: string, release: string): string {
  const prefix = epoch === '' || epoch === '0' ? '' : `${epoch}:`
  return release === '' ? `${prefix}${version}` : `${prefix}${version}-${release}`
}

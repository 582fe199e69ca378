import { type Advisory, type Collection, type Reference, type Suggestions, suggestions } from './advisory.ts'

/**
 * What a repository holds of an advisory with what comes in under its id (pulp2-types §5.1): the texts of the one that was updated
 * later, of the incoming one when neither was; its collections besides those that are held, as far as `keep` says so of them.
 */
export function mergeAdvisories(
  held: Advisory,
  incoming: Advisory,
  keep: (collection: Collection) => boolean,
): Advisory {
  const texts = momentOf(held.updated) > momentOf(incoming.updated) ? held : incoming
  return { ...texts, pkglist: [...held.pkglist.filter(keep), ...incoming.pkglist] }
}

/** Two advisories of one id in one updateinfo.xml: all that either says, where they differ in a text the later one's. */
export function joinAdvisories(one: Advisory, two: Advisory): Advisory {
  const references = eachOnce([...one.references, ...two.references])
  return { ...mergeAdvisories(one, two, () => true), ...eitherOf(one, two), references }
}

/** A sync brings its own collections anew, and leaves those that came in other ways. */
export function mergeSynced(held: Advisory, incoming: Advisory, origin: string): Advisory {
  return mergeAdvisories(held, incoming, (collection) => collection.origin !== origin)
}

/** An upload brings collections, those of a name that was uploaded before anew. */
export function mergeUploaded(held: Advisory, incoming: Advisory): Advisory {
  const brought = new Set(incoming.pkglist.map(({ origin, name }) => `${origin} ${name}`))
  return mergeAdvisories(held, incoming, ({ origin, name }) => !brought.has(`${origin} ${name}`))
}

function eachOnce(references: readonly Reference[]): readonly Reference[] {
  return [...new Map(references.map((one) => [JSON.stringify([one.href, one.id, one.type, one.title]), one])).values()]
}

function eitherOf(one: Suggestions, two: Suggestions): Partial<Suggestions> {
  return Object.fromEntries(suggestions.map((name) => [name, one[name] || two[name]]))
}

/** A date of updateinfo.xml: `2010-01-01 01:01:01`, a day, or seconds. What is none is before all others. */
function momentOf(date: string): number {
  if (/^\d{9,12}$/.test(date)) return Number(date) * 1000
  const iso = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?/.exec(date)
  const moment = iso === null ? Number.NaN : Date.parse(`${iso[1]}T${iso[2] ?? '00:00:00'}Z`)
  return Number.isNaN(moment) ? Number.NEGATIVE_INFINITY : moment
}

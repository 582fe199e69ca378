import { FormatError } from '../../../formats/format-error.ts'
import { isYamlMapping, parseYamlText, type YamlText } from '../../../formats/yaml.ts'

type Lists = Readonly<Record<string, readonly string[]>>

/** Of each profile the packages that it installs. */
export function profilesIn(modulemd: Uint8Array): Lists {
  return mapped(member(dataOf(modulemd), 'profiles'), (profile) => textsIn(member(profile, 'rpms')))
}

/** Packages of the module, as `name-epoch:version-release.arch`. */
export function artifactsIn(modulemd: Uint8Array): readonly string[] {
  return textsIn(member(member(dataOf(modulemd), 'artifacts'), 'rpms'))
}

/** Ways to meet what the module needs: of each other module the streams that will do. */
export function dependenciesIn(modulemd: Uint8Array): readonly Lists[] {
  const dependencies = member(dataOf(modulemd), 'dependencies')
  // The first version of the format has one way, and one stream of each module.
  const ways = Array.isArray(dependencies) ? dependencies : [dependencies]
  const needs = ways.map((way) => mapped(member(way, 'requires'), textsIn))
  return needs.filter((way) => Object.keys(way).length > 0)
}

/** Of each stream the profiles that are installed unasked. */
export function streamProfilesIn(defaults: Uint8Array): Lists {
  return mapped(member(dataOf(defaults), 'profiles'), textsIn)
}

/** Nothing of a document that cannot be read, which is none that a sync or an upload takes. */
function dataOf(document: Uint8Array): YamlText | undefined {
  try {
    return member(parseYamlText(document), 'data')
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** Its own member, if it is a mapping. */
export function member(value: YamlText | undefined, name: string): YamlText | undefined {
  return isYamlMapping(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function mapped(value: YamlText | undefined, read: (one: YamlText) => readonly string[]): Lists {
  if (!isYamlMapping(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, read(one)]))
}

/** A single text is a list of one. */
function textsIn(value: YamlText | undefined): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  return Array.isArray(value) ? value.filter((one: YamlText) => typeof one === 'string') : []
}

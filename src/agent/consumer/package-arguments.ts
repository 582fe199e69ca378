import type { ContentAction } from '../../core/consumer.ts'
import { invalid } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'

/** Arguments of dnf, after its options. */
export interface PackageWork {
  readonly command: string
  readonly options: readonly string[]
  readonly packages: readonly string[]
}

type Printer = (action: ContentAction, keys: readonly JsonObject[], options: JsonObject) => PackageWork

/** Content types that this agent installs, as dnf is told of them. */
const printers: Readonly<Record<string, Printer>> = { rpm, package_group: group, erratum }

/** What dnf is to do with units of a type. Throws kind `invalid` for what it cannot do. */
export function packageWork(
  type: string,
  action: ContentAction,
  keys: readonly JsonObject[],
  options: JsonObject,
): PackageWork {
  const printer = printers[type]
  if (printer === undefined) throw invalid(`this agent has no handler for units of type ${type}`)
  return printer(action, keys, options)
}

const commands: Readonly<Record<ContentAction, string>> = { install: 'install', update: 'upgrade', uninstall: 'remove' }

/** Without units an update is one of everything, if `all` says so. */
function rpm(action: ContentAction, keys: readonly JsonObject[], { all }: JsonObject): PackageWork {
  const packages = keys.filter((key) => Object.keys(key).length > 0).map(packageName)
  if (packages.length === 0 && !(action === 'update' && all === true)) throw invalid('no package was named')
  return { command: commands[action], options: [], packages }
}

/** `name-version-release.arch`, as far as it is known. */
function packageName(key: JsonObject): string {
  const [name, version, release, arch] = ['name', 'version', 'release', 'arch'].map((member) => part(key, member))
  const epoch = part(key, 'epoch')
  if (name === undefined) throw invalid('a package was named without its name')
  const numbered = version === undefined ? '' : `-${epoch === undefined || epoch === '0' ? '' : `${epoch}:`}${version}`
  const released = version === undefined || release === undefined ? '' : `-${release}`
  return `${name}${numbered}${released}${arch === undefined ? '' : `.${arch}`}`
}

function group(action: ContentAction, keys: readonly JsonObject[]): PackageWork {
  const names = keys.map((key) => part(key, 'name', /^[^-/@][^/]*$/) ?? part(key, 'id', /^[^-/@][^/]*$/))
  const packages = names.flatMap((name) => (name === undefined ? [] : `@${name}`))
  if (packages.length === 0) throw invalid('no package group was named')
  return { command: commands[action], options: [], packages }
}

function erratum(action: ContentAction, keys: readonly JsonObject[]): PackageWork {
  if (action === 'uninstall') throw invalid('an erratum cannot be uninstalled')
  const options = keys.flatMap((key) => {
    const id = part(key, 'id')
    return id === undefined ? [] : `--advisory=${id}`
  })
  if (options.length === 0) throw invalid('no erratum was named')
  return { command: 'upgrade-minimal', options, packages: [] }
}

/** No option, no path and no address: those are not what a unit is named by. */
function part(key: JsonObject, member: string, allowed = /^[\w*?[\]+.~^%:][\w*?[\]+.~^%:-]*$/): string | undefined {
  const value = key[member]
  if (value === undefined || value === null || value === '') return undefined
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && text.length <= 255 && allowed.test(text)) return text
  throw invalid(`the ${member} of a unit cannot be handed to the package command: ${JSON.stringify(value)}`)
}

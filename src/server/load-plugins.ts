import { pathToFileURL } from 'node:url'
import { DeckleError } from '../core/errors.ts'
import { isJsonObject } from '../core/json.ts'
import { type Plugin, Plugins } from '../core/plugin.ts'
import { plugins as builtIn } from '../plugins/index.ts'

/**
 * The built-in content families and those of the modules at these absolute paths, in this order. Throws kind `invalid` that
 * names a module that cannot be used.
 */
export async function loadPlugins(modules: readonly string[]): Promise<Plugins> {
  const loaded: Plugin[] = []
  for (const path of modules) loaded.push(await loadPlugin(path))
  return new Plugins([...builtIn, ...loaded])
}

async function loadPlugin(path: string): Promise<Plugin> {
  const exported = await importModule(path)
  if (isPlugin(exported)) return exported
  throw unusable(path, 'it exports no `plugin` with a name, contentTypes, importers and distributors')
}

async function importModule(path: string): Promise<unknown> {
  try {
    const module: { readonly plugin?: unknown } = await import(pathToFileURL(path).href)
    return module.plugin
  } catch (error) {
    throw unusable(path, error instanceof Error ? error.message : String(error), error)
  }
}

/** What is in the lists is the module's own business: TypeScript checks it where it is written. */
function isPlugin(value: unknown): value is Plugin {
  if (!isJsonObject(value) || typeof value['name'] !== 'string') return false
  return ['contentTypes', 'importers', 'distributors'].every((list) => Array.isArray(value[list]))
}

function unusable(path: string, reason: string, cause?: unknown): DeckleError {
  return new DeckleError('invalid', `the plugin ${path} (DECKLE_PLUGINS) cannot be used: ${reason}`, {}, { cause })
}

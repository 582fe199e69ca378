import { ConfigReader } from '../../../core/config-reader.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'

/** How a copy that takes what packages need goes about it (pulp2-types §5.2, §5.6). */
export interface CopyOptions {
  /** Leave out what the target has or provides already. */
  readonly conservative: boolean
}

/** Undefined for a plain copy. Throws kind `invalid`. */
export function parseCopyOptions(config: JsonObject): CopyOptions | undefined {
  const reader = new ConfigReader(config)
  const options = readCopyOptions(reader, config)
  reader.finish()
  return options
}

/** The same as a part of the importer's config. */
export function readCopyOptions(reader: ConfigReader, config: JsonObject): CopyOptions | undefined {
  const [recursive, conservative] = [reader.flag('recursive', false), reader.flag('recursive_conservative', false)]
  if (isFilled(config['additional_repos']))
    reader.refuse('additional_repos', 'additional_repos is not supported: copy from each repository by itself')
  return recursive || conservative ? { conservative } : undefined
}

function isFilled(value: Json | undefined): boolean {
  if (isJsonObject(value)) return Object.keys(value).length > 0
  return (value ?? false) !== false
}

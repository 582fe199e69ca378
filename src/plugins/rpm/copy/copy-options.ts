import { ConfigReader } from '../../../core/config-reader.ts'
import type { JsonObject } from '../../../core/json.ts'

/** How a copy that takes what packages need goes about it (pulp2-types §5.2, §5.6). */
export interface CopyOptions {
  /** Leave out what the targets have or provide already. */
  readonly conservative: boolean
  /** Id of a further source → its target, in order of the sources: a config does not keep the order that it was sent in. */
  readonly additional: ReadonlyMap<string, string>
}

export const additionalField = 'additional_repos'

/** Undefined for a plain copy. Throws kind `invalid`. */
export function parseCopyOptions(config: JsonObject): CopyOptions | undefined {
  const reader = new ConfigReader(config)
  const options = readCopyOptions(reader)
  reader.finish()
  return options
}

/** The same as a part of the importer's config. */
export function readCopyOptions(reader: ConfigReader): CopyOptions | undefined {
  const [recursive, conservative] = [reader.flag('recursive', false), reader.flag('recursive_conservative', false)]
  const additional = reader.textMap(additionalField)
  return recursive || conservative ? { conservative, additional } : undefined
}

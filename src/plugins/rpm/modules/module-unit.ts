import { sha256Hex } from '../../../core/digest.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { isYamlMapping, parseYamlText, type YamlText } from '../../../formats/yaml.ts'
import { member } from './module-lists.ts'
import { moduleDocument, moduleExtraType, modulemdDefaultsType, modulemdType } from './module-types.ts'

/** What names something: a line of text that an index can hold. */
const name = /^[^\p{Cc}]{1,255}$/u

/**
 * The unit that a document of modules.yaml is; undefined for an empty one. A module or defaults without a name of their own are kept
 * like all that is not known, as clients skip them and what is published is what was read. Throws a FormatError.
 */
export function toModuleUnit(bytes: Uint8Array): DiscoveredUnit | undefined {
  const document = parseYamlText(bytes)
  if (document === '') return undefined
  const kind = textOf(document, 'document')
  if (!isYamlMapping(document) || !name.test(kind))
    throw new FormatError('malformed', 'it does not say which document it is')
  const checksum = sha256Hex(bytes)
  const data = member(document, 'data')
  const unit = asModulemd(kind, data, checksum) ?? asDefaults(kind, data, checksum) ?? asExtra(kind, data, checksum)
  return { ...unit, files: [], documents: { [moduleDocument]: bytes } }
}

type Fields = Pick<DiscoveredUnit, 'type' | 'key' | 'metadata'>

function asModulemd(kind: string, data: YamlText | undefined, checksum: string): Fields | undefined {
  const text = (field: string) => textOf(data, field)
  const [context, arch] = [text('context'), text('arch')]
  const key = { name: text('name'), stream: text('stream'), version: text('version'), context, arch }
  const isNamed = [key.name, key.stream].every((text) => name.test(text)) && /^\d{1,20}$/.test(key.version)
  if (kind !== 'modulemd' || !isNamed || ![context, arch].every((text) => text === '' || name.test(text)))
    return undefined
  const metadata = { ...key, summary: text('summary').trim(), description: text('description').trim(), checksum }
  return { type: modulemdType.id, key, metadata }
}

function asDefaults(kind: string, data: YamlText | undefined, checksum: string): Fields | undefined {
  const [module, stream] = [textOf(data, 'module'), textOf(data, 'stream')]
  if (kind !== 'modulemd-defaults' || !name.test(module)) return undefined
  const key = { name: module }
  return { type: modulemdDefaultsType.id, key, metadata: { ...key, stream, checksum } }
}

function asExtra(document: string, data: YamlText | undefined, checksum: string): Fields {
  const key = { document, checksum }
  const about: JsonObject = {
    module: textOf(data, 'module').slice(0, 255),
    stream: textOf(data, 'stream').slice(0, 255),
  }
  return { type: moduleExtraType.id, key, metadata: { ...key, ...about } }
}

/** Empty when it is absent, or none; without what no database keeps. */
function textOf(value: YamlText | undefined, field: string): string {
  const text = member(value, field)
  return typeof text === 'string' ? text.toWellFormed().replaceAll('\0', '') : ''
}

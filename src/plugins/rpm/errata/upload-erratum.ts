import { ConfigReader } from '../../../core/config-reader.ts'
import { withoutNulls } from '../../../core/config-shape.ts'
import { DeckleError } from '../../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'
import type { UploadedUnits, UploadRun } from '../../../core/upload.ts'
import {
  type AdvisedPackage,
  type Advisory,
  type Collection,
  type Reference,
  type Suggestions,
  suggestions,
  textFields,
  uploadedTo,
} from './advisory.ts'
import { erratumType, toAdvisory, toErratumUnit } from './erratum-unit.ts'
import { mergeUploaded } from './merge-advisories.ts'

type Run = Pick<UploadRun<unknown>, 'repository' | 'key' | 'metadata' | 'file' | 'known'>

const known = new Set<string>(['id', ...textFields, ...suggestions, 'references', 'pkglist'])

/**
 * Makes the unit of an erratum, which has no file; one that the repository holds is merged with it (pulp2-types §5.1, §5.5). Throws
 * kind `invalid`; RPM1007 for a date in another form.
 */
export async function uploadErratum(run: Run): Promise<UploadedUnits> {
  if (run.file.size > 0) throw new DeckleError('invalid', 'an erratum has no file; import an upload without bytes')
  const advisory = readAdvisory({ ...run.metadata, ...run.key }, uploadedTo(run.repository.id))
  const held = await run.known(erratumType.id, { id: advisory.id })
  const merged = held === undefined ? advisory : mergeUploaded(toAdvisory(held.metadata, held.documents), advisory)
  return { units: [toErratumUnit(merged)] }
}

function readAdvisory(raw: JsonObject, origin: string): Advisory {
  const fields = withoutNulls(raw)
  const reader = new ConfigReader(fields)
  for (const name of Object.keys(fields)) if (!known.has(name)) reader.refuse(name, `${name} is no field of an erratum`)
  const id = reader.text('id') ?? ''
  if (!/^[^\p{Cc}]{1,255}$/u.test(id) || !id.isWellFormed())
    reader.refuse('id', 'id must be a line of text that is not empty')
  const texts = readTexts(reader)
  const suggested = readSuggestions((name) => reader.flag(name, false))
  const references = listOf(reader, fields, 'references', toReference)
  const pkglist = listOf(reader, fields, 'pkglist', (item) => toCollection(item, origin))
  reader.finish()
  requireDates(texts)
  return { id, ...texts, ...suggested, references, pkglist }
}

type Texts = Pick<Advisory, (typeof textFields)[number]>

function readTexts(reader: ConfigReader): Texts {
  const texts = textFields.map((name) => {
    const text = reader.text(name) ?? ''
    if (isUnsound(text)) reader.refuse(name, `${name} must be sound text`)
    return [name, text] as const
  })
  return Object.fromEntries(texts) as Texts
}

/** What no database keeps. */
function isUnsound(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed()
}

function readSuggestions(is: (name: string) => boolean): Suggestions {
  return {
    reboot_suggested: is('reboot_suggested'),
    relogin_suggested: is('relogin_suggested'),
    restart_suggested: is('restart_suggested'),
  }
}

const dateFormat = 'YYYY-MM-DD HH:MM:SS'

function requireDates(texts: Texts): void {
  for (const name of ['issued', 'updated'] as const) {
    if (texts[name] === '' || /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(texts[name])) continue
    const data = { expected_format: dateFormat, details: name }
    throw new DeckleError('invalid', `${name} must be a date like ${dateFormat}`, {
      code: 'RPM1007',
      fields: [name],
      data,
    })
  }
}

function listOf<Item>(
  reader: ConfigReader,
  fields: JsonObject,
  name: string,
  convert: (item: JsonObject) => Item | undefined,
): readonly Item[] {
  const list = fields[name] ?? []
  const items = Array.isArray(list) ? list.map((item: Json) => (isJsonObject(item) ? convert(item) : undefined)) : []
  const sound = items.filter((item) => item !== undefined)
  if (!Array.isArray(list) || sound.length < list.length)
    reader.refuse(name, `${name} must be a list of objects of its kind`)
  return sound
}

function toReference(item: JsonObject): Reference | undefined {
  const { href = null, id = null, type = null, title = null } = item
  return isText(href) && isText(id) && isText(type) && isText(title) ? { href, id, type, title } : undefined
}

function toCollection(
  { name = null, short = null, packages = null }: JsonObject,
  origin: string,
): Collection | undefined {
  if (!isText(name) || !isText(short) || !Array.isArray(packages ?? [])) return undefined
  const list: readonly Json[] = Array.isArray(packages) ? packages : []
  const items = list.map((item) => (isJsonObject(item) ? toPackage(item) : undefined))
  const sound = items.filter((item) => item !== undefined)
  return sound.length < list.length ? undefined : { name: name ?? '', short: short ?? '', packages: sound, origin }
}

function toPackage(item: JsonObject): AdvisedPackage | undefined {
  const { name, version, release, arch, epoch = null, src = null, filename = null, sum = null } = item
  if (![name, version, release, arch].every((value) => typeof value === 'string' && !isUnsound(value))) return undefined
  const sums = toSums(sum)
  if (!isText(src) || !isText(filename) || sums === undefined) return undefined
  if (!isText(epoch) && typeof epoch !== 'number') return undefined
  return {
    name: String(name),
    epoch: epoch === null ? null : String(epoch),
    version: String(version),
    release: String(release),
    arch: String(arch),
    src,
    filename: filename ?? '',
    sum: sums,
    ...readSuggestions((name) => item[name] === true || item[name] === 'True' || item[name] === 'true'),
  }
}

/** Type, value, and so on; an empty list says nothing. */
function toSums(sum: Json): readonly string[] | null | undefined {
  if (sum === null) return null
  if (!Array.isArray(sum) || sum.length % 2 !== 0) return undefined
  const texts = sum.filter((part: Json): part is string => typeof part === 'string' && !isUnsound(part))
  if (texts.length < sum.length) return undefined
  return texts.length === 0 ? null : texts
}

function isText(value: Json): value is string | null {
  return value === null || (typeof value === 'string' && !isUnsound(value))
}

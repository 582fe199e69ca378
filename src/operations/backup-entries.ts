import {
  type ArchiveEntry,
  type BackupEnd,
  type BackupManifest,
  type BackupTable,
  backupFormat,
  type SequenceState,
} from '../core/backup.ts'
import { DeckleError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'

/** Names of the entries, in this order: manifest, tables, sequences, blobs, end. */
export const manifestEntry = 'deckle-backup.json'
export const sequencesEntry = 'sequences.json'
export const endEntry = 'deckle-backup-end.json'
export const tableEntry = (name: string) => `tables/${name}.copy`
export const blobEntry = (sha256: string) => `blobs/${sha256}`

/** No entry of JSON comes near it. */
const longestJson = 16 * 1024 * 1024

export async function readManifest(entry: ArchiveEntry | undefined): Promise<BackupManifest> {
  if (entry?.name !== manifestEntry) throw broken('it is no backup of Deckle: its first entry is another')
  const json = await readJson(entry)
  if (json['format'] !== backupFormat) {
    const made = `it was made by Deckle ${json['program']} in format ${json['format']}, and this one reads ${backupFormat}`
    throw broken(`${made}. Restore it with that release or a newer one`)
  }
  const { program, postgres, created, migrations, tables, blobs } = json
  if (!isJsonObject(blobs)) throw broken('its manifest is damaged')
  return {
    format: backupFormat,
    program: String(program),
    postgres: String(postgres),
    created: String(created),
    migrations: listOf(migrations, String),
    tables: listOf(tables, readTable),
    blobs: { included: blobs['included'] === true, count: Number(blobs['count']), bytes: Number(blobs['bytes']) },
  }
}

export async function readSequences(entry: ArchiveEntry): Promise<readonly SequenceState[]> {
  return listOf((await readJson(entry))['sequences'], (sequence) => {
    if (!isJsonObject(sequence)) throw broken('its sequences are damaged')
    return { name: String(sequence['name']), value: Number(sequence['value']), called: sequence['called'] === true }
  })
}

export async function readEnd(entry: ArchiveEntry): Promise<BackupEnd> {
  const json = await readJson(entry)
  return {
    tables: Number(json['tables']),
    rows: Number(json['rows']),
    blobs: Number(json['blobs']),
    damaged: Number(json['damaged']),
  }
}

/** Why a file cannot be restored; nothing was changed. */
export function broken(reason: string): DeckleError {
  return new DeckleError('invalid', `the backup cannot be restored: ${reason}`)
}

function readTable(table: unknown): BackupTable {
  if (!isJsonObject(table)) throw broken('its list of tables is damaged')
  return { name: String(table['name']), columns: listOf(table['columns'], String) }
}

function listOf<Item>(value: unknown, read: (item: unknown) => Item): readonly Item[] {
  if (!Array.isArray(value)) throw broken('its manifest is damaged')
  return value.map(read)
}

async function readJson(entry: ArchiveEntry): Promise<JsonObject> {
  if (entry.size > longestJson) throw broken(`its entry ${entry.name} is too long`)
  const chunks: Uint8Array[] = []
  for await (const chunk of entry.body) chunks.push(chunk)
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (isJsonObject(json)) return json
  } catch {}
  throw broken(`its entry ${entry.name} is damaged`)
}

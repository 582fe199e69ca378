import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../blobs/disk-error.ts'
import { DeckleError } from '../core/errors.ts'
import { isJsonObject, type Json } from '../core/json.ts'
import type { ExportDisk } from './export-disk.ts'
import { requireExportPath, reservedName } from './export-path.ts'

/** What Deckle has put into a folder: the file `.deckle-export` in it. Only what it lists is ever deleted. */
export interface ExportMarker {
  readonly owner: string
  /** Relative paths. */
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

export const stagingName = `${reservedName}.staging`
const markerName = reservedName
const freshName = `${reservedName}.new`

/** Undefined where there is none. Throws kind `conflict` for one that nobody can trust. */
export async function readMarker(folder: string): Promise<ExportMarker | undefined> {
  const path = join(folder, markerName)
  try {
    return parseMarker(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    const reason = error instanceof Error ? error.message : String(error)
    throw new DeckleError('conflict', `${path} cannot be used (${reason}): empty the folder or choose another one`)
  }
}

/** At any moment there is the old one or the new one. */
export async function writeMarker(disk: ExportDisk, folder: string, marker: ExportMarker): Promise<void> {
  const fresh = join(folder, freshName)
  await disk.rm(fresh, { force: true })
  const file = await disk.open(fresh, 'wx')
  try {
    await file.writeFile(`${JSON.stringify(marker, undefined, 1)}\n`)
  } finally {
    await file.close()
  }
  await disk.flushFile(fresh)
  await disk.rename(fresh, join(folder, markerName))
  await disk.flushFolder(folder)
}

/** Whether there is anything in the folder that is not Deckle's own bookkeeping. */
export async function holdsFiles(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => !name.startsWith(reservedName))
}

function parseMarker(value: unknown): ExportMarker {
  if (!isJsonObject(value) || typeof value['owner'] !== 'string') throw new TypeError('it is no list of files')
  return { owner: value['owner'], files: parsePaths(value['files']), folders: parsePaths(value['folders']) }
}

function parsePaths(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError('it is no list of files')
  return value.map((path) => {
    if (typeof path !== 'string') throw new TypeError('it lists what is no path')
    requireExportPath(path)
    return path
  })
}

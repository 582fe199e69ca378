import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentSource, ContentSources } from '../core/content-source.ts'
import type { Log } from '../core/log.ts'
import { parseIni } from '../formats/ini.ts'
import { toContentSource } from './content-source-config.ts'

/**
 * Sources that stand in the files `*.conf` of a folder, a section each. They are read whenever somebody asks, so that a change needs no
 * restart. What cannot be used is left out and logged, once for each reason.
 */
export class FileContentSources implements ContentSources {
  readonly #folder: string | undefined
  readonly #log: Log
  readonly #told = new Set<string>()

  /** Without a folder there are none. */
  constructor(folder: string | undefined, log: Log) {
    this.#folder = folder
    this.#log = log
  }

  async list(): Promise<readonly ContentSource[]> {
    const sources = new Map<string, ContentSource>()
    for (const path of await this.#files()) {
      for (const source of await this.#read(path)) {
        if (sources.has(source.id)) this.#tell(path, source.id, 'another section has this name: it is used instead')
        else sources.set(source.id, source)
      }
    }
    const order = (left: ContentSource, right: ContentSource) =>
      left.priority - right.priority || (left.id < right.id ? -1 : 1)
    return [...sources.values()].sort(order)
  }

  async #files(): Promise<readonly string[]> {
    const folder = this.#folder
    if (folder === undefined) return []
    try {
      const names = await readdir(folder)
      return names
        .filter((name) => name.endsWith('.conf'))
        .sort()
        .map((name) => join(folder, name))
    } catch (error) {
      this.#tell(folder, '', reasonOf(error))
      return []
    }
  }

  async #read(path: string): Promise<readonly ContentSource[]> {
    const sources: ContentSource[] = []
    try {
      for (const [id, entries] of parseIni(await readText(path))) {
        const read = toContentSource(id, Object.fromEntries(entries), readText)
        const source = await read.catch((error: unknown) => this.#tell(path, id, reasonOf(error)))
        if (source !== undefined) sources.push(source)
      }
    } catch (error) {
      this.#tell(path, '', reasonOf(error))
    }
    return sources
  }

  #tell(path: string, section: string, reason: string): undefined {
    const fields = { path, ...(section !== '' && { section }), reason }
    const line = JSON.stringify(fields)
    if (!this.#told.has(line)) this.#log.warn('a content source cannot be used', fields)
    this.#told.add(line)
  }
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8')
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

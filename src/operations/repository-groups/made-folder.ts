import type { FilledFolder, GeneratedFile } from '../../core/distributor.ts'
import { DeckleError } from '../../core/errors.ts'
import type { SafeFolder } from '../../core/safe-folder.ts'
import type { SegmentedFiles } from '../../core/segment.ts'
import type { Spool } from '../../core/spool.ts'
import { makeInScratch } from './scratch-files.ts'

/** A folder that also takes files whose name depends on their bytes: these go through temporary files. */
export class MadeFolder implements FilledFolder {
  readonly #folder: SafeFolder
  readonly #openSpool: () => Spool
  readonly #paths = new Set<string>()

  constructor(folder: SafeFolder, openSpool: () => Spool) {
    this.#folder = folder
    this.#openSpool = openSpool
  }

  async write(path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#paths.has(path)) {
      throw new DeckleError('conflict', `several files claim the same path in the folder: ${path}`)
    }
    this.#paths.add(path)
    await this.#folder.write(path, body)
  }

  async make(folder: string, made: GeneratedFile | SegmentedFiles): Promise<void> {
    const spool = this.#openSpool()
    try {
      if ('segments' in made) {
        for (const { path, read } of await makeInScratch(spool, made)) await this.write(`${folder}${path}`, read())
      } else await this.#makeOne(spool, folder, made)
    } finally {
      await spool.dispose()
    }
  }

  async #makeOne(spool: Spool, folder: string, file: GeneratedFile): Promise<void> {
    const document = await spool.spool(file.body, {}, folder)
    const stored = { sha256: document.sha256, size: document.size }
    file.stored?.(stored)
    const path = typeof file.path === 'string' ? file.path : file.path(stored)
    await this.write(`${folder}${path}`, document.read())
  }
}

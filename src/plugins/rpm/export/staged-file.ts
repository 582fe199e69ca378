import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { DeckleError } from '../../../core/errors.ts'
import type { SegmentedFiles } from '../../../core/segment.ts'

/** A file on the way into an image. */
export interface StagedFile {
  /** Where it is to stand in the image. */
  readonly path: string
  /** Where it lies now. */
  readonly local: string
  readonly size: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** Writes files into a folder, under names that mean nothing. */
export class Stage {
  readonly #folder: string
  #count = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async write(path: string, body: AsyncIterable<Uint8Array>): Promise<StagedFile> {
    const writer = await this.#open('sha256')
    await writer.addAll(body)
    const { checksum: sha256, ...written } = await writer.finish()
    return { path, sha256, ...written }
  }

  /** The files that the code of a distributor makes. */
  async make(made: GeneratedFile | SegmentedFiles): Promise<readonly StagedFile[]> {
    return 'segments' in made ? this.#segments(made) : [await this.#one(made)]
  }

  async #one(file: GeneratedFile): Promise<StagedFile> {
    const { sha256, size, local } = await this.write('', file.body)
    file.stored?.({ sha256, size })
    return { path: typeof file.path === 'string' ? file.path : file.path({ sha256, size }), sha256, size, local }
  }

  async #segments({ files, segments }: SegmentedFiles): Promise<readonly StagedFile[]> {
    const writers = await Promise.all(files.map((file) => this.#open('sha256', file.checksumType)))
    for await (const segment of segments) {
      if ('reuse' in segment) throw new DeckleError('internal', 'there are no segments to take over')
      for (const [index, writer] of writers.entries()) await writer.add(segment.pieces[index] ?? new Uint8Array())
    }
    const staged: StagedFile[] = []
    for (const [index, file] of files.entries()) {
      const { local, size, checksum, further } = (await writers[index]?.finish()) ?? noFile()
      const made = { sha256: checksum, size, checksum: further ?? checksum }
      file.stored?.(made)
      staged.push({ path: file.path(made), local, size, sha256: checksum })
    }
    return staged
  }

  async #open(...checksums: readonly string[]): Promise<Writer> {
    this.#count += 1
    return Writer.open(join(this.#folder, `${this.#count}`), checksums)
  }
}

class Writer {
  readonly #local: string
  readonly #file: Awaited<ReturnType<typeof open>>
  readonly #hashes: readonly ReturnType<typeof createHash>[]
  #size = 0

  private constructor(local: string, file: Awaited<ReturnType<typeof open>>, checksums: readonly string[]) {
    this.#local = local
    this.#file = file
    this.#hashes = checksums.map((checksum) => createHash(checksum))
  }

  static async open(local: string, checksums: readonly string[]): Promise<Writer> {
    return new Writer(local, await open(local, 'wx'), checksums)
  }

  async addAll(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of body) await this.add(chunk)
    } catch (error) {
      await this.#file.close()
      throw error
    }
  }

  async add(bytes: Uint8Array): Promise<void> {
    for (const hash of this.#hashes) hash.update(bytes)
    this.#size += bytes.length
    await this.#file.writeFile(bytes)
  }

  async finish() {
    await this.#file.close()
    const [checksum = '', further] = this.#hashes.map((hash) => hash.digest('hex'))
    return { local: this.#local, size: this.#size, checksum, further }
  }
}

function noFile(): never {
  throw new DeckleError('internal', 'a file that is made of segments is missing')
}

import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { DeckleError } from '../../../core/errors.ts'
import type { SegmentedFiles } from '../../../core/segment.ts'
import { withRoom } from '../full-disk.ts'

/** A file on the way into an image. */
export interface StagedFile {
  /** Where it is to stand in the image. */
  readonly path: string
  /** Where it lies now. */
  readonly local: string
  readonly size: number
}

/** Writes files into a folder, under names that mean nothing. */
export class Stage {
  readonly #folder: string
  #count = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async write(path: string, body: AsyncIterable<Uint8Array>): Promise<StagedFile> {
    const { local, size } = await this.#write(body)
    return { path, local, size }
  }

  /** The files that the code of a distributor makes. */
  async make(made: GeneratedFile | SegmentedFiles): Promise<readonly StagedFile[]> {
    return 'segments' in made ? this.#segments(made) : [await this.#one(made)]
  }

  async #one(file: GeneratedFile): Promise<StagedFile> {
    const { local, size, sha256 } = await this.#write(file.body)
    file.stored?.({ sha256, size })
    return { path: typeof file.path === 'string' ? file.path : file.path({ sha256, size }), local, size }
  }

  async #segments({ files, segments }: SegmentedFiles): Promise<readonly StagedFile[]> {
    const written = await this.#writing(
      files.map(({ checksumType }) => checksumType),
      async (writers) => {
        for await (const segment of segments) {
          if ('reuse' in segment) throw new DeckleError('internal', 'there are no segments to take over')
          for (const [index, writer] of writers.entries()) await writer.add(segment.pieces[index] ?? new Uint8Array())
        }
      },
    )
    return files.map((file, index) => {
      const made = written[index] ?? noFile()
      file.stored?.(made)
      return { path: file.path(made), local: made.local, size: made.size }
    })
  }

  async #write(body: AsyncIterable<Uint8Array>): Promise<Written> {
    const [written = noFile()] = await this.#writing(['sha256'], async ([writer = noFile()]) => {
      for await (const chunk of body) await writer.add(chunk)
    })
    return written
  }

  /** Opens a file for each checksum type, and closes them however `fill` ends. */
  async #writing(
    checksumTypes: readonly string[],
    fill: (writers: readonly Writer[]) => Promise<void>,
  ): Promise<readonly Written[]> {
    const writers: Writer[] = []
    try {
      for (const checksumType of checksumTypes) writers.push(await this.#open(checksumType))
      await fill(writers)
      return writers.map((writer) => writer.written())
    } finally {
      for (const writer of writers) await writer.close()
    }
  }

  async #open(checksumType: string): Promise<Writer> {
    this.#count += 1
    const local = join(this.#folder, `${this.#count}`)
    return new Writer(local, await open(local, 'wx'), checksumType)
  }
}

interface Written {
  readonly local: string
  readonly size: number
  /** Lower-case hexadecimal, as `checksum` is. */
  readonly sha256: string
  readonly checksum: string
}

class Writer {
  readonly #local: string
  readonly #file: FileHandle
  readonly #sha256 = createHash('sha256')
  /** Undefined where it is the same. */
  readonly #other: Hash | undefined
  #size = 0

  constructor(local: string, file: FileHandle, checksumType: string) {
    this.#local = local
    this.#file = file
    this.#other = checksumType === 'sha256' ? undefined : createHash(checksumType)
  }

  async add(bytes: Uint8Array): Promise<void> {
    this.#sha256.update(bytes)
    this.#other?.update(bytes)
    this.#size += bytes.length
    await withRoom(() => this.#file.writeFile(bytes))
  }

  written(): Written {
    const sha256 = this.#sha256.digest('hex')
    return { local: this.#local, size: this.#size, sha256, checksum: this.#other?.digest('hex') ?? sha256 }
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

function noFile(): never {
  throw new DeckleError('internal', 'a file that is made for an image is missing')
}

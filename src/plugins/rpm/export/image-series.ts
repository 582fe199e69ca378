import { createReadStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { DeckleError, invalid } from '../../../core/errors.ts'
import { ImageSpace } from './image-space.ts'
import { makeImage } from './make-image.ts'
import type { StagedFile } from './staged-file.ts'

export interface SeriesPlan {
  /** A temporary folder on the file system of the staged files. */
  readonly folder: string
  readonly prefix: string
  /** Of an image at most, in MB of 1024 × 1024 bytes. */
  readonly megabytes: number
  /** Told by the names of the images. */
  readonly made: Date
  readonly signal: AbortSignal
}

/** Puts files into images in the order in which they come, as many into each as it has room for. */
export class ImageSeries {
  readonly #plan: SeriesPlan
  #space: ImageSpace
  #files = 0
  #images = 0
  /** In all images: they are unpacked into one folder. */
  readonly #paths = new Set<string>()

  constructor(plan: SeriesPlan) {
    this.#plan = plan
    this.#space = new ImageSpace(plan.megabytes)
  }

  /** Takes the file away from where it lies. Gives the image that it had no room in. Throws kind `invalid` for a file too large for any. */
  async *add({ path, local, size }: StagedFile): AsyncGenerator<GeneratedFile> {
    this.#requirePath(path)
    if (this.#files > 0 && !this.#space.fits(path, size)) yield* this.#image()
    if (!this.#space.fits(path, size)) throw tooLarge(path, size)
    this.#space.add(path, size)
    this.#files += 1
    const target = join(this.#tree, path)
    await mkdir(dirname(target), { recursive: true })
    await rename(local, target)
  }

  /** Gives the last image; one without files when there was none at all. */
  async *finish(): AsyncGenerator<GeneratedFile> {
    if (this.#files > 0 || this.#images === 0) yield* this.#image()
  }

  /** Throws kind `conflict` for a second file at a path, kind `invalid` for what is no path below a folder. */
  #requirePath(path: string): void {
    const isSafe = path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')
    if (!isSafe || path.includes('\0')) throw invalid(`${JSON.stringify(path)} is no path to a file below a folder`)
    if (this.#paths.has(path)) throw new DeckleError('conflict', `several files claim the same path: ${path}`)
    this.#paths.add(path)
  }

  get #tree(): string {
    return join(this.#plan.folder, 'tree')
  }

  async *#image(): AsyncGenerator<GeneratedFile> {
    const { folder, prefix, megabytes, signal } = this.#plan
    this.#images += 1
    const path = this.#name()
    const image = join(folder, 'image.iso')
    await mkdir(this.#tree, { recursive: true })
    await makeImage({ tree: this.#tree, image, volume: prefix, signal })
    await rm(this.#tree, { recursive: true })
    if ((await stat(image)).size > megabytes * 1024 * 1024)
      throw new DeckleError('internal', `${path} has become larger than ${megabytes} MB`)
    yield { path, mediaType: 'application/x-iso9660-image', body: createReadStream(image) }
    // It has been stored by now.
    await rm(image)
    this.#files = 0
    this.#space = new ImageSpace(megabytes)
  }

  /** `<prefix>-YYYY-MM-DDTHH.MM-NN.iso` (pulp2-types §6). */
  #name(): string {
    const { prefix, made } = this.#plan
    const time = made.toISOString().slice(0, 16).replace(':', '.')
    return `${prefix}-${time}-${String(this.#images).padStart(2, '0')}.iso`
  }
}

function tooLarge(path: string, size: number): DeckleError {
  const message = `${path} with its ${size} bytes does not fit into an image of its own: raise iso_size`
  return new DeckleError('invalid', message, { fields: ['iso_size'] })
}

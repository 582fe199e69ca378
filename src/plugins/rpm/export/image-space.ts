const sector = 2048
/** What an image has beside files: descriptors, the tables of folders; and the names of one file or folder. */
const [ofImage, ofName] = [256 * 1024, 1024]

/** How much room is left in an image that is being filled: an estimate that is never too high. */
export class ImageSpace {
  readonly #bytes: number
  #used = ofImage
  readonly #folders = new Set<string>()

  constructor(megabytes: number) {
    this.#bytes = megabytes * 1024 * 1024
  }

  fits(path: string, size: number): boolean {
    return this.#used + this.#cost(path, size) <= this.#bytes
  }

  add(path: string, size: number): void {
    this.#used += this.#cost(path, size)
    for (const folder of foldersAbove(path)) this.#folders.add(folder)
  }

  #cost(path: string, size: number): number {
    const folders = foldersAbove(path).filter((folder) => !this.#folders.has(folder))
    return Math.ceil(size / sector) * sector + ofName + folders.length * (sector + ofName)
  }
}

function foldersAbove(path: string): readonly string[] {
  const segments = path.split('/').slice(0, -1)
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'))
}

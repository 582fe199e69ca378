import type { StagedBlob } from '../core/blob-store.ts'
import { sha256Hex } from '../core/digest.ts'

/** Bytes on a disk that all processes of a model share: sha256 → content. */
export class ModelDisk {
  readonly #blobs = new Map<string, string>()

  has(sha256: string): boolean {
    const content = this.#blobs.get(sha256)
    return content !== undefined && sha256Hex(content) === sha256
  }

  names(): readonly string[] {
    return [...this.#blobs.keys()].sort()
  }

  put(content: string): void {
    this.#blobs.set(sha256Hex(content), content)
  }

  delete(sha256: string): void {
    this.#blobs.delete(sha256)
  }
}

/** The store of one process; what `FileBlobStore` does to the disk, step by step. */
export class SteppedBlobs {
  readonly #disk: ModelDisk
  readonly #step: () => Promise<void>

  constructor(disk: ModelDisk, step: () => Promise<void>) {
    this.#disk = disk
    this.#step = step
  }

  stage(content: string): StagedBlob {
    return { sha256: sha256Hex(content), size: Buffer.byteLength(content), handle: content }
  }

  /** What is there stays; the staged bytes of the rest get their names. */
  async commit(blobs: readonly StagedBlob[]): Promise<void> {
    await this.#step()
    const fresh = blobs.filter((blob) => !this.#disk.has(blob.sha256))
    for (const blob of fresh) {
      await this.#step()
      this.#disk.put(blob.handle)
    }
    await this.#step()
  }

  async remove(sha256: string): Promise<void> {
    await this.#step()
    this.#disk.delete(sha256)
    await this.#step()
  }
}

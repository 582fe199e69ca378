import { createHash } from 'node:crypto'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { inOnePiece } from '../../../core/in-one-piece.ts'
import type { MadeFile, SegmentedFiles } from '../../../core/segment.ts'
import { manifestName, printManifestLine } from '../../../formats/file-manifest.ts'

/** The `PULP_MANIFEST` of an export: `path,sha256,size` of each file (pulp2-types §6, §7), in the order in which they were written. */
export class ExportManifest {
  readonly #lines: string[] = []

  add(path: string, sha256: string, size: number): void {
    this.#lines.push(printManifestLine({ name: path, checksum: sha256, size }))
  }

  /** Enters the file once all of its bytes have passed. */
  async *reading(path: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of body) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
    this.add(path, hash.digest('hex'), size)
  }

  /** Enters the files once they are stored, below `folder` (`''` or ending in a slash). */
  making(folder: string, made: GeneratedFile): GeneratedFile
  making(folder: string, made: GeneratedFile | SegmentedFiles): GeneratedFile | SegmentedFiles
  making(folder: string, made: GeneratedFile | SegmentedFiles): GeneratedFile | SegmentedFiles {
    return 'segments' in made ? this.#makingSegments(folder, made) : this.#makingOne(folder, made)
  }

  #makingOne(folder: string, file: GeneratedFile): GeneratedFile {
    return {
      ...file,
      stored: (stored) => {
        file.stored?.(stored)
        const path = typeof file.path === 'string' ? file.path : file.path(stored)
        this.add(`${folder}${path}`, stored.sha256, stored.size)
      },
    }
  }

  #makingSegments(folder: string, made: SegmentedFiles): SegmentedFiles {
    const files = made.files.map((file) => ({
      ...file,
      stored: (stored: MadeFile) => {
        file.stored?.(stored)
        this.add(`${folder}${file.path(stored)}`, stored.sha256, stored.size)
      },
    }))
    return { ...made, files }
  }

  file(): GeneratedFile {
    return { path: manifestName, mediaType: 'text/csv', body: inOnePiece(this.#lines.join('')) }
  }
}

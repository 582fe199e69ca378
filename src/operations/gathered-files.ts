import type { NewGeneratedFile, PublicationDraft } from '../core/publication.ts'

/** Rows that are written together. */
const most = 100
/** A fraction of the hour for which their blobs are reserved, milliseconds. */
const longestMs = 60_000

/** Files of a draft that are stored and whose rows are still to be written: the last ones in the transaction that makes it live. */
export class GatheredFiles {
  readonly #draft: Pick<PublicationDraft, 'addFiles'>
  #files: NewGeneratedFile[] = []
  #since = 0

  constructor(draft: Pick<PublicationDraft, 'addFiles'>) {
    this.#draft = draft
  }

  async add(file: NewGeneratedFile): Promise<void> {
    if (this.#files.length === 0) this.#since = performance.now()
    this.#files.push(file)
    if (this.#files.length >= most || performance.now() - this.#since > longestMs) await this.write()
  }

  async write(): Promise<void> {
    await this.#draft.addFiles(this.take())
  }

  /** Those that somebody else writes now. */
  take(): readonly NewGeneratedFile[] {
    const files = this.#files
    this.#files = []
    return files
  }
}

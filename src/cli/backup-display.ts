import type { Terminal } from './terminal.ts'

/** Tells a person how far a backup or a restore is, on a terminal only; what is damaged is always told. */
export class BackupDisplay {
  readonly #terminal: Terminal

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  table(name: string, rows: number): void {
    this.#show(`table ${name}: ${rows} rows`)
  }

  blobs(done: number, all: number): void {
    if (done % 100 === 0) this.#show(`stored files: ${done} of ${all}`)
  }

  damaged({ sha256, reason }: { readonly sha256: string; readonly reason: string }): void {
    this.clear()
    this.#terminal.note(`damaged: ${sha256}: ${reason}`)
  }

  clear(): void {
    this.#show('')
  }

  #show(text: string): void {
    if (this.#terminal.columns() !== undefined) this.#terminal.redraw(text)
  }
}

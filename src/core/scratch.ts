/** A temporary file of a run: append, then read back at random. Deleted when the run ends, however it ends. */
export interface Scratch {
  /** Appends and returns the offset at which `bytes` starts. */
  append(bytes: Uint8Array): Promise<number>
  read(offset: number, length: number): Promise<Uint8Array>
}

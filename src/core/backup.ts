import type { Measured } from './digest.ts'

/** The form of the file, raised by whoever changes it so that older programs cannot read it. */
export const backupFormat = 1

export interface BackupTable {
  readonly name: string
  readonly columns: readonly string[]
}

/** The first entry of a backup. */
export interface BackupManifest {
  readonly format: number
  /** Version of the Deckle that made it. */
  readonly program: string
  /** Version of the PostgreSQL that it was read from, for people. */
  readonly postgres: string
  /** RFC 3339. */
  readonly created: string
  /** Names of the migrations that had made the schema, in order. */
  readonly migrations: readonly string[]
  /** In an order in which foreign keys hold: what is referred to comes first. */
  readonly tables: readonly BackupTable[]
  readonly blobs: { readonly included: boolean; readonly count: number; readonly bytes: number }
}

export interface SequenceState {
  readonly name: string
  readonly value: number
  /** False: `value` will be the next number, it was not given out yet. */
  readonly called: boolean
}

/** The last entry. A file without it was cut off. */
export interface BackupEnd {
  readonly tables: number
  readonly rows: number
  /** Entries of blobs; a damaged one counts, a missing one does not. */
  readonly blobs: number
  /** Blobs that the database calls stored and whose right bytes are not in the file. */
  readonly damaged: number
}

/** The database as it was at one moment. Who opens it sees to it that blobs stored then stay until it is closed. */
export interface DatabaseSnapshot extends AsyncDisposable {
  readonly postgres: string
  readonly migrations: readonly string[]
  readonly tables: readonly BackupTable[]
  readonly sequences: readonly SequenceState[]
  readonly blobs: { readonly count: number; readonly bytes: number }
  /** All rows, a line each in the text format of PostgreSQL's COPY. Returns how many. */
  readRows(table: BackupTable, sink: (chunk: Uint8Array) => Promise<unknown>): Promise<number>
  /** What the database calls stored, in order of the names. Rows cannot be read any more after it has begun. */
  storedBlobs(): AsyncIterable<Measured>
}

/** An empty database that takes a backup whole or not at all. */
export interface RestoreTarget {
  /**
   * Brings the schema to the level of the backup, makes the blob store its own unless that comes with the backup, and begins. Throws kind `conflict` when the database holds content or a server
   * uses it, `invalid` when the backup is of a newer Deckle. Nothing was changed then.
   */
  begin(manifest: BackupManifest): Promise<void>
  /** Returns how many rows there were. */
  loadRows(table: BackupTable, rows: AsyncIterable<Uint8Array>): Promise<number>
  setSequences(states: readonly SequenceState[]): Promise<void>
  /** What the loaded rows call stored, in order of the names. */
  storedBlobs(): AsyncIterable<Measured>
  /** These are not stored: whoever asks for the file fetches it again. */
  forgetBlobs(sha256s: readonly string[]): Promise<void>
  /** Gives interrupted tasks back to the queue, makes everything visible, and brings the schema up to date. */
  commit(): Promise<void>
  /** Without `commit` everything is as it was before. */
  close(): Promise<void>
}

/** A file of named entries that is written from front to back. */
export interface ArchiveWriter {
  /** `body` has exactly `size` bytes. */
  add(name: string, size: number, body: AsyncIterable<Uint8Array>): Promise<void>
}

export interface ArchiveEntry {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** To be read to its end, or not at all, before the next entry is asked for. */
  readonly body: AsyncIterable<Uint8Array>
}

/** A file of named entries that is read from front to back. */
export interface ArchiveReader {
  /** Undefined after the last. Throws when the file is cut off in the middle of an entry or is no archive. */
  next(): Promise<ArchiveEntry | undefined>
}

/** A folder that somebody wants to have filled, and what he calls it. */
export interface WantedFolder {
  /** Absolute. */
  readonly path: string
  /** The key of the config that names it. */
  readonly key: string
}

/** A folder that is being filled. What is written cannot lie outside of it, and is seen only when all of it is there. */
export interface SafeFolder {
  /**
   * `path` is relative, with slashes and without `.` and `..`. Files come to light in the order in which they were written first.
   * Throws kind `invalid` for a path that is none.
   */
  write(path: string, body: AsyncIterable<Uint8Array>): Promise<void>
}

export interface Filling {
  readonly folder: WantedFolder
  /** Whose the folder is from now on: nobody else may fill it as long as there is something in it. */
  readonly owner: string
  readonly signal: AbortSignal
}

/** Folders of this machine that may be filled with files for others. Who runs the server says which. */
export interface ExportFolders {
  /** Throws kind `invalid` that names the setting when the folder, all links followed, lies in none of them. */
  require(folder: WantedFolder): Promise<void>
  /**
   * Makes the folder hold what `work` writes: that replaces what the last filling wrote, and nothing else is touched. Throws kind
   * `conflict` when somebody else's files are in the way. On an error the folder is as it was, or the next filling mends it.
   */
  fill(filling: Filling, work: (folder: SafeFolder) => Promise<void>): Promise<void>
}

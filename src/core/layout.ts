/**
 * Where a publication shows the files of its units. Sealed publications name their layout, so **a released layout is
 * never edited**; a change gets a new id (design-notes §1.5). Paths are relative, without a leading slash.
 */
export interface Layout {
  readonly id: string
  /** Path in the publication → path of a unit's file; undefined when no unit file can stand there. */
  locate(path: string): string | undefined
  /** Another path of a unit's file, which stands there if none is called as `locate` says; for layouts that keep the folders of upstream. */
  locateInstead?(path: string): string | undefined
  /** The inverse of `locate`. */
  place(unitFile: string): string
  /**
   * For a folder of the publication (`''` or ending in a slash): the prefix that all unit files below it share, so that a
   * listing reads no others; undefined when no unit file can stand below it.
   */
  unitFilesBelow(folder: string): string | undefined
}

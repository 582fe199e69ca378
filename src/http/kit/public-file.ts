/** A file of an API that everybody may read, such as its description. */
export interface PublicFile {
  /** Absolute; a folder's ends in a slash. */
  readonly path: string
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
  /** Asked for by every request, so that what is seldom read stays out of memory. */
  readonly read: () => Promise<Uint8Array>
}

/** Up to this many names are sorted; more are handed on as they come, in bounded memory. */
const sortedAtMost = 10_000

export interface FolderContents {
  /** `''` or ending in a slash. */
  readonly folder: string
  /** Paths of files and, ending in a slash, of folders; few enough to be held. */
  readonly paths: readonly string[]
  /** Paths of more files. */
  readonly morePaths: AsyncIterable<string>
}

/**
 * Names that stand directly in a folder, each once; those of folders end in a slash. Sorted up to 10,000; beyond that in the
 * order of `morePaths`, which is bytewise in a flat layout.
 */
export async function* namesInFolder(contents: FolderContents): AsyncGenerator<string> {
  const { folder, paths, morePaths } = contents
  const seen = new Set(paths.map((path) => childName(folder, path)).filter((name) => name !== undefined))
  let gathered: string[] | undefined = [...seen]
  for await (const path of morePaths) {
    const name = childName(folder, path)
    if (name === undefined || seen.has(name)) continue
    if (name.endsWith('/')) seen.add(name)
    if (gathered === undefined) yield name
    else if (gathered.push(name) >= sortedAtMost) {
      yield* gathered.sort()
      gathered = undefined
    }
  }
  if (gathered !== undefined) yield* gathered.sort()
}

/** What `path` is called in `folder`; undefined when it does not lie below. */
function childName(folder: string, path: string): string | undefined {
  if (!path.startsWith(folder) || path.length === folder.length) return undefined
  const slash = path.indexOf('/', folder.length)
  return slash === -1 ? path.slice(folder.length) : path.slice(folder.length, slash + 1)
}

import { FormatError } from '../../../formats/format-error.ts'
import { parseXml } from '../../../formats/xml.ts'

/** Bytes of a PULP_DISTRIBUTION.xml. */
export const maxFurtherFilesBytes = 4 * 1024 ** 2

/**
 * The paths of the files that a PULP_DISTRIBUTION.xml adds to a tree: its root `pulp_distribution` has a `file` for each. Throws a
 * FormatError.
 */
export function parseFurtherFiles(bytes: Uint8Array): readonly string[] {
  const root = parseXml(bytes, { maxBytes: maxFurtherFilesBytes, maxDepth: 4 })
  if (root.name !== 'pulp_distribution') throw new FormatError('malformed', `its root element is not pulp_distribution`)
  return root.children.map(({ name, text }) => {
    if (name !== 'file') throw new FormatError('malformed', `it holds an element ${name.slice(0, 50)}`)
    return text.trim()
  })
}

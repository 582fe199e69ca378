import { DeckleError } from '../../core/errors.ts'
import type { Layout } from '../../core/layout.ts'
import type { UnitWithDocuments } from '../../core/repository-version.ts'
import { escapeAttribute } from '../../formats/xml-text.ts'
import type { PackageFile } from './metadata/namespaces.ts'

const locationStart = Buffer.from('<location ')
const locationEnd = Buffer.from('/>')

/** The element of a package as a publication shows it: in primary with the place that the layout gives its file. */
export function publishedSnippet(
  { unit, documents }: UnitWithDocuments,
  file: PackageFile,
  layout: Layout,
): Uint8Array {
  const snippet = documents[file]
  if (snippet === undefined || snippet.length === 0) throw unusable(unit.metadata['filename'], `it has no ${file} data`)
  return file === 'primary'
    ? placed(Buffer.from(snippet.buffer, snippet.byteOffset, snippet.length), unit.metadata['filename'], layout)
    : snippet
}

/** Units keep an element whose location is the bare file name. */
function placed(snippet: Buffer, fileName: unknown, layout: Layout): Buffer {
  if (typeof fileName !== 'string') throw unusable(fileName, 'it has no file name')
  const path = layout.place(fileName)
  if (path === fileName) return snippet
  const start = snippet.indexOf(locationStart)
  const end = snippet.indexOf(locationEnd, start)
  if (start === -1 || end === -1) throw unusable(fileName, 'its primary data has no location')
  const location = Buffer.from(`<location href="${escapeAttribute(path)}"/>`)
  return Buffer.concat([snippet.subarray(0, start), location, snippet.subarray(end + locationEnd.length)])
}

function unusable(fileName: unknown, reason: string): DeckleError {
  return new DeckleError('internal', `the package ${String(fileName)} cannot be published: ${reason}`)
}

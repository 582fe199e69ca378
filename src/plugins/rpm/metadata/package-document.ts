import { DeckleError } from '../../../core/errors.ts'
import { type PackageFile, rootStartTag, roots } from './namespaces.ts'

const lineEnd = Buffer.from('\n')

/** The text of primary, filelists or other, which says in front of its packages how many there will be. */
export async function* packageDocument(
  file: PackageFile,
  packages: number,
  snippets: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${rootStartTag(file, packages)}\n`)
  let written = 0
  for await (const snippet of snippets) {
    yield snippet
    yield lineEnd
    written += 1
  }
  if (written !== packages)
    throw new DeckleError('internal', `${file} was to have ${packages} packages and has ${written}`)
  yield Buffer.from(`</${roots[file].name}>\n`)
}

import { DeckleError } from '../../../core/errors.ts'
import { gunzipMember } from '../../../formats/gzip.ts'
import { type PackageFile, packageFiles, rootStartTag, roots } from '../metadata/namespaces.ts'
import { PackageScanner } from '../metadata/package-scanner.ts'
import { readPrimaryPackage } from '../metadata/primary-package.ts'
import type { PackageEntry } from './package-entry.ts'
import { orderOfPackage, type PackageOrder } from './package-order.ts'

/** The packages of a segment that was published. */
export async function readSegment(pieces: readonly Uint8Array[]): Promise<readonly PackageEntry[]> {
  const columns = await Promise.all(
    packageFiles.map(async (file, index) => snippetsOf(file, await gunzipMember(pieces[index] ?? new Uint8Array()))),
  )
  const [primary = []] = columns
  if (columns.some(({ length }) => length !== primary.length)) throw damaged('its files differ in their packages')
  return primary.map((snippet, row) => ({
    order: orderOf(snippet),
    snippets: columns.map((column) => column[row] ?? snippet),
  }))
}

function snippetsOf(file: PackageFile, text: Buffer): readonly Buffer[] {
  const scanner = new PackageScanner()
  const found = [
    ...scanner.push(Buffer.from(rootStartTag(file, 0))),
    ...scanner.push(text),
    ...scanner.push(Buffer.from(`</${roots[file].name}>`)),
    ...scanner.finish(),
  ]
  return found.map(({ bytes }) => bytes)
}

function orderOf(snippet: Buffer): PackageOrder {
  const found = readPrimaryPackage(snippet)
  if (found === undefined) throw damaged('a package in it cannot be read')
  return orderOfPackage(found)
}

function damaged(reason: string): DeckleError {
  return new DeckleError('internal', `a segment of the publication before cannot be used: ${reason}`)
}

import { unusableSegments } from '../../../core/segment.ts'
import { type PackageFile, packageFiles, rootStartTag, roots } from '../metadata/namespaces.ts'
import { PackageScanner } from '../metadata/package-scanner.ts'
import { readPrimaryPackage } from '../metadata/primary-package.ts'
import type { PackageEntry } from './package-entry.ts'
import { orderOfPackage, type PackageOrder } from './package-order.ts'

/** The packages of a segment that was published, given its open text in each file. Throws what `unusableSegments` makes. */
export function readSegment(texts: readonly Buffer[]): readonly PackageEntry[] {
  const columns = packageFiles.map((file, index) => snippetsOf(file, texts[index] ?? Buffer.alloc(0)))
  const [primary = []] = columns
  if (columns.some(({ length }) => length !== primary.length))
    throw unusableSegments('its files differ in their packages')
  return primary.map((snippet, row) => ({
    order: orderOf(snippet),
    snippets: columns.map((column) => column[row] ?? snippet),
  }))
}

function snippetsOf(file: PackageFile, text: Buffer): readonly Buffer[] {
  const scanner = new PackageScanner()
  const whole = Buffer.concat([Buffer.from(rootStartTag(file, 0)), text, Buffer.from(`</${roots[file].name}>`)])
  try {
    return [...scanner.push(whole), ...scanner.finish()].map(({ bytes }) => bytes)
  } catch (error) {
    throw unusableSegments(String(error), error)
  }
}

function orderOf(snippet: Buffer): PackageOrder {
  const found = readPrimaryPackage(snippet)
  if (found === undefined) throw unusableSegments('a package in it cannot be read')
  return orderOfPackage(found)
}

import { regularPackage } from './irregular-package.ts'
import { type PrimaryPackage, readPrimaryPackage } from './primary-package.ts'
import type { RootTag } from './root-tag.ts'

/** A package of primary and its element in the form in which its fields were found. */
export interface FoundPackage {
  readonly found: PrimaryPackage
  readonly snippet: Buffer
}

/** Reads a package of primary by scanning or, if it is written in an unusual way, by parsing. Undefined when it lacks a field. */
export function readAnyPackage(snippet: Buffer, root: RootTag | undefined): FoundPackage | undefined {
  const scanned = readPrimaryPackage(snippet)
  if (scanned !== undefined) return { found: scanned, snippet }
  if (root === undefined) return undefined
  const rewritten = regularPackage(snippet, root)
  const found = readPrimaryPackage(rewritten)
  return found === undefined ? undefined : { found, snippet: rewritten }
}

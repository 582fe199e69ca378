import { FormatError } from '../../../formats/format-error.ts'
import { regularPackage } from './irregular-package.ts'
import { type PrimaryPackage, readPrimaryPackage } from './primary-package.ts'
import type { RootTag } from './root-tag.ts'

/** A package of primary and its element in the form in which its fields were found. */
export interface FoundPackage {
  readonly found: PrimaryPackage
  readonly snippet: Buffer
}

/**
 * Reads a package of primary by scanning or, if it is written in an unusual way, by parsing. Undefined when it lacks a field that
 * every package has, or is no sound XML.
 */
export function readAnyPackage(snippet: Buffer, root: RootTag | undefined): FoundPackage | undefined {
  try {
    return read(snippet) ?? (root === undefined ? undefined : read(regularPackage(snippet, root)))
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

function read(snippet: Buffer): FoundPackage | undefined {
  const found = readPrimaryPackage(snippet)
  return found === undefined ? undefined : { found, snippet }
}

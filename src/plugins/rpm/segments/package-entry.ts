import type { Layout } from '../../../core/layout.ts'
import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { packageFiles } from '../metadata/namespaces.ts'
import { publishedSnippet } from '../published-snippet.ts'
import { orderOfUnit, type PackageOrder } from './package-order.ts'

/** A package as the metadata files show it. */
export interface PackageEntry {
  readonly order: PackageOrder
  /** Its elements in primary, filelists and other. */
  readonly snippets: readonly Uint8Array[]
}

export function toEntry(unit: UnitWithDocuments, layout: Layout): PackageEntry {
  return {
    order: orderOfUnit(unit.unit.metadata),
    snippets: packageFiles.map((file) => publishedSnippet(unit, file, layout)),
  }
}

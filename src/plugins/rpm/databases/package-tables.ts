import type { DatabaseSync } from 'node:sqlite'
import type { XmlElement } from '../../../formats/xml.ts'

/** The tables of one database, as createrepo_c makes them: yum finds its columns by their names. */
export interface PackageTables {
  /** Statements that make the tables. */
  readonly create: readonly string[]
  /** Statements that make the indexes: once the rows are in, which costs less. */
  readonly index: readonly string[]
  /** Gives what puts the element of a package in, under a number of its own. */
  writer(database: DatabaseSync): (pkgKey: number, element: XmlElement) => void
}

/** Most fields hold nothing where the metadata file holds an empty text. */
export function orNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text
}

/** Numbers that are left out are 0. */
export function numberOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0
}

import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { XmlElement } from '../../../formats/xml.ts'
import type { PackageTables } from './package-tables.ts'

/** Of the layout of the tables; readers look whether they know it. */
export const databaseVersion = 10

/** A database of packages that is being written, in a file. Its own memory is bounded by SQLite's cache of 2 MB. */
export class PackageDatabase {
  readonly #database: DatabaseSync
  readonly #tables: PackageTables
  readonly #write: (pkgKey: number, element: XmlElement) => void
  #packages = 0

  private constructor(database: DatabaseSync, tables: PackageTables) {
    this.#database = database
    this.#tables = tables
    this.#write = tables.writer(database)
  }

  /** `path` names a file that is not there yet. `checksum` is that of the metadata file which says the same. */
  static async create(path: string, tables: PackageTables, checksum: string): Promise<PackageDatabase> {
    // Node's SQLite is there from version 22 on, and costs what most publishes never need.
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(path)
    // Who dies leaves nothing that anybody would read.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096; BEGIN')
    for (const statement of ['CREATE TABLE db_info (dbversion INTEGER, checksum TEXT)', ...tables.create])
      database.exec(statement)
    database.prepare('INSERT INTO db_info VALUES (?, ?)').run(databaseVersion, checksum)
    return new PackageDatabase(database, tables)
  }

  add(element: XmlElement): void {
    this.#packages += 1
    this.#write(this.#packages, element)
  }

  /** Makes the file complete. An index of a large repository takes a second, so others have their turn in between. */
  async finish(): Promise<void> {
    for (const statement of this.#tables.index) {
      await setImmediate()
      this.#database.exec(statement)
    }
    this.#database.exec('COMMIT')
    this.close()
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { GeneratedFile } from '../../../core/distributor.ts'
import { DeckleError } from '../../../core/errors.ts'
import type { Layout } from '../../../core/layout.ts'
import type { XmlElement } from '../../../formats/xml.ts'
import { withRoom } from '../full-disk.ts'
import { MetadataWriter } from '../metadata/metadata-writer.ts'
import { type PackageFile, packageFiles } from '../metadata/namespaces.ts'
import type { RepomdRecord } from '../metadata/repomd.ts'
import { packageElement } from '../package-element.ts'
import type { PublishedTypes, YumPublishRun } from '../published-content.ts'
import { publishedSnippet } from '../published-snippet.ts'
import { orderFields } from '../segments/package-order.ts'
import { filelistsTables } from './filelists-tables.ts'
import { otherTables } from './other-tables.ts'
import { databaseVersion, PackageDatabase } from './package-database.ts'
import type { PackageTables } from './package-tables.ts'
import { primaryTables } from './primary-tables.ts'

const tables: Readonly<Record<PackageFile, PackageTables>> = {
  primary: primaryTables,
  filelists: filelistsTables,
  other: otherTables,
}

export interface DatabasesPlan extends PublishedTypes {
  readonly layout: Layout
  /** What repomd.xml says of the metadata files that hold the same. */
  readonly records: readonly RepomdRecord[]
  /** So many more packages are in. */
  readonly progress: (packages: number) => void
}

/** The packages once more as SQLite databases, which old yum reads faster; in the end what repomd.xml says of them. */
export async function* publishedDatabases(
  run: YumPublishRun,
  plan: DatabasesPlan,
): AsyncGenerator<GeneratedFile, readonly RepomdRecord[]> {
  const folder = await run.temporaryFolder()
  const pathOf = (file: PackageFile) => join(folder, `${file}.sqlite`)
  await withRoom(() => writeDatabases(run, plan, pathOf))
  const records: RepomdRecord[] = []
  for (const file of packageFiles) {
    const writer = writerOf(run, plan, file, createReadStream(pathOf(file)))
    yield writer.generatedFile()
    records.push({ ...writer.record(), databaseVersion })
  }
  return records
}

/** Always gzip: no reader of databases knows zstd. */
function writerOf(run: YumPublishRun, plan: DatabasesPlan, file: PackageFile, bytes: AsyncIterable<Uint8Array>) {
  const { timestamp } = plan
  const { checksumType } = run.config
  return new MetadataWriter({ type: `${file}_db`, name: file, format: 'sqlite', checksumType, timestamp }, bytes)
}

async function writeDatabases(
  run: YumPublishRun,
  plan: DatabasesPlan,
  pathOf: (file: PackageFile) => string,
): Promise<void> {
  const databases = new Map<PackageFile, PackageDatabase>()
  try {
    for (const file of packageFiles)
      databases.set(file, await PackageDatabase.create(pathOf(file), tables[file], checksumOf(plan, file)))
    for await (const elements of packageElements(run, plan)) {
      for (const [index, file] of packageFiles.entries()) databases.get(file)?.add(elements[index] ?? noElement(file))
      plan.progress(1)
    }
    for (const database of databases.values()) await database.finish()
  } finally {
    for (const database of databases.values()) database.close()
  }
}

/** Of each package its elements, in the order of the metadata files. */
async function* packageElements(run: YumPublishRun, plan: DatabasesPlan): AsyncGenerator<readonly XmlElement[]> {
  const fields = [...orderFields, 'filename']
  const query = { types: plan.packageTypes, order: orderFields, fields, documents: packageFiles }
  for await (const unit of run.units(query)) {
    run.signal.throwIfAborted()
    yield packageFiles.map((file) => {
      return packageElement(file, publishedSnippet(unit, file, plan.layout)) ?? noElement(file)
    })
  }
}

function checksumOf({ records }: DatabasesPlan, file: PackageFile): string {
  return records.find(({ type }) => type === file)?.checksum?.value ?? ''
}

function noElement(file: PackageFile): never {
  throw new DeckleError('internal', `a package has no element in ${file}`)
}

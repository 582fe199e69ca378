import { childOf, type XmlElement } from '../../../formats/xml.ts'
import { dependencyKinds } from '../package/dependency-kinds.ts'
import { isPrimaryPath } from '../package/file-list.ts'
import { numberOf, orNull, type PackageTables } from './package-tables.ts'

/** Column → its SQL type, in the order of `packageRow`. */
const columns = {
  pkgId: 'TEXT',
  name: 'TEXT',
  arch: 'TEXT',
  version: 'TEXT',
  epoch: 'TEXT',
  release: 'TEXT',
  summary: 'TEXT',
  description: 'TEXT',
  url: 'TEXT',
  time_file: 'INTEGER',
  time_build: 'INTEGER',
  rpm_license: 'TEXT',
  rpm_vendor: 'TEXT',
  rpm_group: 'TEXT',
  rpm_buildhost: 'TEXT',
  rpm_sourcerpm: 'TEXT',
  rpm_header_start: 'INTEGER',
  rpm_header_end: 'INTEGER',
  rpm_packager: 'TEXT',
  size_package: 'INTEGER',
  size_installed: 'INTEGER',
  size_archive: 'INTEGER',
  location_href: 'TEXT',
  location_base: 'TEXT',
  checksum_type: 'TEXT',
}

const relationColumns = 'name TEXT, flags TEXT, epoch TEXT, version TEXT, release TEXT, pkgKey INTEGER'
const dependents = ['files', ...dependencyKinds]
const namedRelations = ['requires', 'provides']

/** What packages are and need, and those of their files that packages need by path. */
export const primaryTables: PackageTables = {
  create: [
    `CREATE TABLE packages (pkgKey INTEGER PRIMARY KEY, ${Object.entries(columns)
      .map((column) => column.join(' '))
      .join(', ')})`,
    'CREATE TABLE files (name TEXT, type TEXT, pkgKey INTEGER)',
    ...dependencyKinds.map((name) => {
      return `CREATE TABLE ${name} (${relationColumns}${name === 'requires' ? ', pre BOOLEAN DEFAULT FALSE' : ''})`
    }),
    `CREATE TRIGGER removals AFTER DELETE ON packages BEGIN ${dependents
      .map((table) => `DELETE FROM ${table} WHERE pkgKey = old.pkgKey;`)
      .join(' ')} END`,
  ],
  index: [
    'CREATE INDEX packagename ON packages (name)',
    'CREATE INDEX packageId ON packages (pkgId)',
    'CREATE INDEX filenames ON files (name)',
    'CREATE INDEX pkgfiles ON files (pkgKey)',
    ...dependencyKinds.map((table) => `CREATE INDEX pkg${table} ON ${table} (pkgKey)`),
    ...namedRelations.map((table) => `CREATE INDEX ${table}name ON ${table} (name)`),
  ],
  writer(database) {
    const places = Object.keys(columns).map(() => '?')
    const addPackage = database.prepare(`INSERT INTO packages VALUES (?, ${places.join(', ')})`)
    const addFile = database.prepare('INSERT INTO files VALUES (?, ?, ?)')
    const adders = dependencyKinds.map((table) => ({ table, statement: database.prepare(insertRelation(table)) }))
    return (pkgKey, element) => {
      addPackage.run(pkgKey, ...packageRow(element))
      const format = childOf(element, 'format')
      for (const { table, statement } of adders)
        for (const entry of entriesOf(format, table)) statement.run(...relationRow(entry, pkgKey, table))
      for (const file of format?.children ?? [])
        if (file.name === 'file' && isPrimaryPath(file.text))
          addFile.run(file.text, file.attributes.get('type') ?? 'file', pkgKey)
    }
  },
}

function insertRelation(table: string): string {
  return `INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?${table === 'requires' ? ', ?' : ''})`
}

function entriesOf(format: XmlElement | undefined, relation: string): readonly XmlElement[] {
  const list = format === undefined ? undefined : childOf(format, relation)
  return list?.children.filter(({ name }) => name === 'entry') ?? []
}

function relationRow({ attributes }: XmlElement, pkgKey: number, table: string): (string | number | null)[] {
  const texts = ['name', 'flags', 'epoch', 'ver', 'rel'].map((name) => attributes.get(name) ?? null)
  if (table !== 'requires') return [...texts, pkgKey]
  return [...texts, pkgKey, attributes.get('pre') === '1' ? 'TRUE' : 'FALSE']
}

function packageRow(element: XmlElement): (string | number | null)[] {
  const format = childOf(element, 'format')
  const text = (name: string) => childOf(element, name)?.text
  const formatText = (name: string) => (format === undefined ? undefined : childOf(format, name)?.text)
  const of = (name: string) => childOf(element, name)?.attributes ?? new Map<string, string>()
  const header = (format === undefined ? undefined : childOf(format, 'header-range'))?.attributes
  const [version, time, size, location] = [of('version'), of('time'), of('size'), of('location')]
  return [
    text('checksum')?.trim() ?? null,
    text('name') ?? null,
    text('arch') ?? null,
    version.get('ver') ?? null,
    version.get('epoch') ?? null,
    version.get('rel') ?? null,
    orNull(text('summary')),
    orNull(text('description')),
    orNull(text('url')),
    numberOf(time.get('file')),
    numberOf(time.get('build')),
    orNull(formatText('license')),
    // These two are empty texts in createrepo_c's databases too.
    formatText('vendor') ?? '',
    orNull(formatText('group')),
    orNull(formatText('buildhost')),
    formatText('sourcerpm') ?? '',
    numberOf(header?.get('start')),
    numberOf(header?.get('end')),
    orNull(text('packager')),
    numberOf(size.get('package')),
    numberOf(size.get('installed')),
    numberOf(size.get('archive')),
    location.get('href') ?? null,
    location.get('xml:base') ?? null,
    of('checksum').get('type') ?? null,
  ]
}

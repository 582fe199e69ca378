import { numberOf, type PackageTables } from './package-tables.ts'

/** What changed in packages, and when. */
export const otherTables: PackageTables = {
  create: [
    'CREATE TABLE packages (pkgKey INTEGER PRIMARY KEY, pkgId TEXT)',
    'CREATE TABLE changelog (pkgKey INTEGER, author TEXT, date INTEGER, changelog TEXT)',
    'CREATE TRIGGER remove_changelogs AFTER DELETE ON packages BEGIN DELETE FROM changelog WHERE pkgKey = old.pkgKey; END',
  ],
  index: ['CREATE INDEX keychange ON changelog (pkgKey)', 'CREATE INDEX pkgId ON packages (pkgId)'],
  writer(database) {
    const addPackage = database.prepare('INSERT INTO packages VALUES (?, ?)')
    const addEntry = database.prepare('INSERT INTO changelog VALUES (?, ?, ?, ?)')
    return (pkgKey, element) => {
      addPackage.run(pkgKey, element.attributes.get('pkgid') ?? null)
      for (const { name, attributes, text } of element.children) {
        if (name !== 'changelog') continue
        addEntry.run(pkgKey, attributes.get('author') ?? null, numberOf(attributes.get('date')), text)
      }
    }
  },
}

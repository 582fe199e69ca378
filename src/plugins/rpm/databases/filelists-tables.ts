import type { XmlElement } from '../../../formats/xml.ts'
import type { PackageTables } from './package-tables.ts'

/** The names in one folder, and a letter for the kind of each. */
interface Folder {
  readonly names: string[]
  kinds: string
}

const kinds: Readonly<Record<string, string>> = { dir: 'd', ghost: 'g' }

/** All files of packages, a row for each folder: names joined by slashes, and `f`, `d` or `g` for each. */
export const filelistsTables: PackageTables = {
  create: [
    'CREATE TABLE packages (pkgKey INTEGER PRIMARY KEY, pkgId TEXT)',
    'CREATE TABLE filelist (pkgKey INTEGER, dirname TEXT, filenames TEXT, filetypes TEXT)',
    'CREATE TRIGGER remove_filelist AFTER DELETE ON packages BEGIN DELETE FROM filelist WHERE pkgKey = old.pkgKey; END',
  ],
  index: [
    'CREATE INDEX keyfile ON filelist (pkgKey)',
    'CREATE INDEX pkgId ON packages (pkgId)',
    'CREATE INDEX dirnames ON filelist (dirname)',
  ],
  writer(database) {
    const addPackage = database.prepare('INSERT INTO packages VALUES (?, ?)')
    const addFolder = database.prepare('INSERT INTO filelist VALUES (?, ?, ?, ?)')
    return (pkgKey, element) => {
      addPackage.run(pkgKey, element.attributes.get('pkgid') ?? null)
      for (const [path, folder] of foldersOf(element)) addFolder.run(pkgKey, path, folder.names.join('/'), folder.kinds)
    }
  },
}

function foldersOf(element: XmlElement): ReadonlyMap<string, Folder> {
  const folders = new Map<string, Folder>()
  for (const { name, text, attributes } of element.children) {
    if (name !== 'file') continue
    const [path, file] = split(text)
    const folder = folders.get(path) ?? { names: [], kinds: '' }
    folders.set(path, folder)
    folder.names.push(file)
    folder.kinds += kinds[attributes.get('type') ?? 'file'] ?? 'f'
  }
  return folders
}

/** The folder and the name in it, as createrepo_c has them of odd paths too. */
function split(path: string): readonly [string, string] {
  const slash = path.lastIndexOf('/')
  const file = path.slice(slash + 1)
  const folder = path.slice(0, slash + 1).replace(/\/+$/, '')
  const none = slash === -1 ? '.' : '/'
  return [folder === '' ? none : folder, file === '' ? '/' : file]
}

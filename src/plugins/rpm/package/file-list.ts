import { FormatError } from '../../../formats/format-error.ts'
import type { RpmHeader } from '../../../formats/rpm/rpm-header.ts'
import { rpmTags } from '../../../formats/rpm/rpm-tags.ts'
import { headerText } from './header-text.ts'

export interface ListedFile {
  readonly path: string
  /** Ghosts belong to the package without being in it. */
  readonly type: 'file' | 'dir' | 'ghost'
}

const [typeMask, directory] = [0o170000, 0o040000]
const ghostFlag = 1 << 6

/** The largest packages there are have some ten thousand. */
const maxFolders = 200_000

/** The files of a package in the order of its header, made one by one: their paths can be many times as large as the header. */
export function* listedFiles(header: RpmHeader): Generator<ListedFile> {
  const [modes, flags] = [header.numbers(rpmTags.fileModes), header.numbers(rpmTags.fileFlags)]
  for (const path of pathsOf(header)) {
    const [mode, flag] = [modes.next().value, flags.next().value]
    if (mode === undefined || flag === undefined) return
    yield { path, type: typeOf(mode, flag) }
  }
}

function typeOf(mode: number, flags: number): ListedFile['type'] {
  if ((mode & typeMask) === directory) return 'dir'
  return (flags & ghostFlag) === 0 ? 'file' : 'ghost'
}

function* pathsOf(header: RpmHeader): Generator<string> {
  const folders = foldersOf(header)
  const indexes = header.numbers(rpmTags.dirIndexes)
  for (const name of header.texts(rpmTags.baseNames)) {
    const index = indexes.next().value
    if (index === undefined) return
    const folder = folders[index]
    if (folder === undefined)
      throw new FormatError('malformed', `its header has no folder ${index} for one of its files`)
    yield headerText(Buffer.concat([folder, name]))
  }
  // Whole paths, as rpm 3 wrote them.
  if (!header.has(rpmTags.baseNames)) for (const path of header.texts(rpmTags.oldFileNames)) yield headerText(path)
}

/** Each is kept as a view of the header's bytes, which costs more than a short name. */
function foldersOf(header: RpmHeader): readonly Buffer[] {
  const folders = [...header.texts(rpmTags.dirNames).take(maxFolders + 1)]
  if (folders.length <= maxFolders) return folders
  throw new FormatError('too-large', `it has files in more than ${maxFolders} folders`)
}

/** Whether it has files and none of them lies in a folder, as it is in source packages. */
export function hasOnlyBareFiles(header: RpmHeader): boolean {
  let found = false
  for (const path of pathsOf(header)) {
    if (path.includes('/')) return false
    found = true
  }
  return found
}

/** Files that primary lists, because other packages commonly require them: createrepo_c's rule, which dnf relies on. */
export function isPrimaryPath(path: string): boolean {
  return path.startsWith('/etc/') || path === '/usr/lib/sendmail' || path.includes('bin/')
}

import type { Layout } from '../../core/layout.ts'

/** All packages at the root, as Pulp 2.8 has it (pulp2-types §5.9). */
export const flatLayout: Layout = {
  id: 'rpm-flat-1',
  locate: (path) => (path.includes('/') ? undefined : path),
  place: (unitFile) => unitFile,
  unitFilesBelow: (folder) => (folder === '' ? '' : undefined),
}

const packagesPath = /^Packages\/([^/]+)\/([^/]+)$/

/** `Packages/<first letter, lower case>/<file>`, as Fedora and later Pulps have it. */
export const packagesLayout: Layout = {
  id: 'rpm-packages-1',
  locate: (path) => {
    const [, letter, file = ''] = packagesPath.exec(path) ?? []
    return letter !== undefined && letter === letterOf(file) ? file : undefined
  },
  place: (unitFile) => `Packages/${letterOf(unitFile)}/${unitFile}`,
  unitFilesBelow: (folder) => {
    if (folder === '' || folder === 'Packages/') return ''
    const letter = /^Packages\/([^/]+)\/$/.exec(folder)?.[1]
    if (letter === undefined || letter !== letterOf(letter)) return undefined
    // A letter's folder holds names that begin with it in either case, which have no prefix in common.
    return letter === letter.toUpperCase() ? letter : ''
  },
}

export const rpmLayouts = { [flatLayout.id]: flatLayout, [packagesLayout.id]: packagesLayout }

/** By code point, so that no character is torn apart. */
function letterOf(file: string): string {
  return String.fromCodePoint(file.codePointAt(0) ?? 0x5f).toLowerCase()
}

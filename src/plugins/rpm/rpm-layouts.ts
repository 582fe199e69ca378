import type { Layout } from '../../core/layout.ts'

/**
 * The unit file of a package is called by its file name, every other one by its path in the publication. Below `Packages/` stand only
 * packages.
 */
const reserved = /^Packages\//

const besidePath = /^Packages\/([^/]+\.rpm)$/

/** All packages at the root, as Pulp 2.8 has it, and found directly below `Packages/` too, where trees say so (pulp2-types §5.9). */
export const flatLayout: Layout = {
  id: 'rpm-flat-1',
  locate: (path) => (reserved.test(path) ? besidePath.exec(path)?.[1] : fileAt(path)),
  place: (unitFile) => unitFile,
  unitFilesBelow: (folder) => (reserved.test(folder) ? undefined : folder),
}

const packagesPath = /^Packages\/([^/]+)\/([^/]+\.rpm)$/

/** `Packages/<first letter, lower case>/<file>`, as Fedora and later Pulps have it. */
export const packagesLayout: Layout = {
  id: 'rpm-packages-1',
  locate: (path) => {
    if (!reserved.test(path)) return isPackage(path) ? undefined : fileAt(path)
    const [, letter, file = ''] = packagesPath.exec(path) ?? []
    return letter !== undefined && letter === letterOf(file) ? file : undefined
  },
  place: (unitFile) => (isPackage(unitFile) ? `Packages/${letterOf(unitFile)}/${unitFile}` : unitFile),
  unitFilesBelow: (folder) => {
    if (folder === 'Packages/') return ''
    if (!reserved.test(folder)) return folder
    const letter = /^Packages\/([^/]+)\/$/.exec(folder)?.[1]
    if (letter === undefined || letter !== letterOf(letter)) return undefined
    // A letter's folder holds names that begin with it in either case, which have no prefix in common.
    return letter === letter.toUpperCase() ? letter : ''
  },
}

function isPackage(unitFile: string): boolean {
  return unitFile.endsWith('.rpm') && !unitFile.includes('/')
}

function fileAt(path: string): string | undefined {
  return path.endsWith('/') || isGeneratedMetadata(path) ? undefined : path
}

const generated =
  /^repodata\/(?:repomd\.xml.*|[0-9a-f]+-(?:primary|filelists|other|updateinfo|comps|modules|prestodelta)(?:\.\w+)+)$/

/** Whether a publication may make a file of this path itself. All others below `repodata/` are of units. */
export function isGeneratedMetadata(path: string): boolean {
  return generated.test(path)
}

/** By code point, so that no character is torn apart. */
function letterOf(file: string): string {
  return String.fromCodePoint(file.codePointAt(0) ?? 0x5f).toLowerCase()
}

import type { Layout } from '../../core/layout.ts'

/**
 * Where the unit files of upstream's metadata lie: below a name that only publications make themselves, so that no other layout shows
 * them.
 */
export const hiddenFolder = 'repodata/repomd.xml.upstream/'

const metadataFolder = 'repodata/'
/** Of the unit files of delta packages. */
const deltaFolder = 'drpms/'

/**
 * Upstream's metadata as it is. It names packages and delta packages where upstream has them, in whatever folder: each is found below
 * all of them. Trees stand where they stand upstream anyway, with the packages of repositories below them, which may be other builds.
 */
export const exactLayout: Layout = {
  id: 'rpm-exact-1',
  locate: (path) => {
    if (path.endsWith('/')) return undefined
    return path.startsWith(metadataFolder) ? hiddenFolder + path.slice(metadataFolder.length) : path
  },
  locateInstead: (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (name.endsWith('.drpm')) return deltaFolder + name
    return name.endsWith('.rpm') ? name : undefined
  },
  place: (unitFile) =>
    unitFile.startsWith(hiddenFolder) ? metadataFolder + unitFile.slice(hiddenFolder.length) : unitFile,
  unitFilesBelow: (folder) =>
    folder.startsWith(metadataFolder) ? hiddenFolder + folder.slice(metadataFolder.length) : folder,
}

import type { Layout } from '../../core/layout.ts'

/**
 * Where the unit files of upstream's metadata lie: below a name that only publications make themselves, so that no other layout shows
 * them.
 */
export const hiddenFolder = 'repodata/repomd.xml.upstream/'

const metadataFolder = 'repodata/'

/**
 * Upstream's metadata as it is. It names packages where upstream has them, in whatever folder: each is found below all of them. Delta
 * packages and trees stand where they stand upstream anyway.
 */
export const exactLayout: Layout = {
  id: 'rpm-exact-1',
  locate: (path) => {
    if (path.endsWith('/')) return undefined
    if (path.startsWith(metadataFolder)) return hiddenFolder + path.slice(metadataFolder.length)
    return path.endsWith('.rpm') ? path.slice(path.lastIndexOf('/') + 1) : path
  },
  place: (unitFile) =>
    unitFile.startsWith(hiddenFolder) ? metadataFolder + unitFile.slice(hiddenFolder.length) : unitFile,
  unitFilesBelow: (folder) =>
    folder.startsWith(metadataFolder) ? hiddenFolder + folder.slice(metadataFolder.length) : folder,
}

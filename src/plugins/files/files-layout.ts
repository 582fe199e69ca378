import type { Layout } from '../../core/layout.ts'
import { manifestName } from '../../formats/file-manifest.ts'

/** Every file at its own name, beside the manifest. */
export const filesLayout: Layout = {
  id: 'files-1',
  locate: (path) => (path === manifestName ? undefined : path),
  place: (unitFile) => unitFile,
  unitFilesBelow: (folder) => folder,
}

import type { Layout } from '../../core/layout.ts'

export const indexName = 'index.txt'

/** Every text at its own name, beside the index. */
export const demoLayout: Layout = {
  id: 'demo-1',
  locate: (path) => (path === indexName ? undefined : path),
  place: (unitFile) => unitFile,
  unitFilesBelow: (folder) => folder,
}

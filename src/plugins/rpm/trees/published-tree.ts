import type { GeneratedFile } from '../../../core/distributor.ts'
import { inOnePiece } from '../../../core/in-one-piece.ts'
import type { Layout } from '../../../core/layout.ts'
import type { YumPublishRun } from '../published-content.ts'
import { distributionType } from './distribution-unit.ts'
import { publishedTreeInfo } from './published-tree-info.ts'
import { treeInfoNames } from './tree-path.ts'

/** Whether a file of a tree is its description, which each publication makes for itself. */
export function isTreeInfo(type: string, path: string): boolean {
  return type === distributionType.id && treeInfoNames.some((name) => name === path)
}

/** The description of the tree, if there is one, as it holds for a publication in this layout. */
export async function* treeInfoFile(run: YumPublishRun, layout: Layout): AsyncGenerator<GeneratedFile> {
  if (run.config.skip.includes(distributionType.id)) return
  for await (const { unit, files } of run.units({ types: [distributionType.id], files: true })) {
    const described = files.find(({ path }) => isTreeInfo(unit.type, path))
    if (described === undefined) continue
    const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]))
    const bytes = Buffer.concat(await Array.fromAsync(run.read(described)))
    const hasFlatPackages = layout.locate('x.rpm') !== undefined
    yield {
      path: described.path,
      mediaType: 'text/plain',
      body: inOnePiece(publishedTreeInfo(bytes, { digests, hasFlatPackages })),
    }
  }
}

import type { Layout } from '../../core/layout.ts'
import { customMetadataType } from './custom-metadata/custom-metadata-unit.ts'
import { deltaType } from './delta/delta-unit.ts'
import { exactLayout } from './exact-layout.ts'
import { flatLayout, packagesLayout } from './rpm-layouts.ts'
import { rpmType, srpmType } from './rpm-types.ts'
import { distributionType } from './trees/distribution-unit.ts'

/** Types with files that a distributor may skip. */
const types = [rpmType.id, srpmType.id, deltaType.id, distributionType.id, customMetadataType.id]

/** Of which type a unit is whose file is called so. */
function typeOfFile(unitFile: string): string {
  if (!unitFile.includes('/') && unitFile.endsWith('.rpm'))
    return /\.(?:no)?src\.rpm$/.test(unitFile) ? srpmType.id : rpmType.id
  if (unitFile.startsWith('drpms/')) return deltaType.id
  return unitFile.startsWith('repodata/') ? customMetadataType.id : distributionType.id
}

/** The same layout without the files of types that are skipped. */
export function layoutWithout(layout: Layout, skip: readonly string[]): Layout {
  const hidden = types.filter((type) => skip.includes(type))
  if (hidden.length === 0) return layout
  const isShown = (unitFile: string) => !hidden.includes(typeOfFile(unitFile))
  return {
    id: `${layout.id}-without-${hidden.join('-')}`,
    locate: (path) => {
      const unitFile = layout.locate(path)
      return unitFile !== undefined && isShown(unitFile) ? unitFile : undefined
    },
    place: layout.place,
    unitFilesBelow: (folder) => {
      const prefix = layout.unitFilesBelow(folder)
      return prefix?.endsWith('/') && !isShown(`${prefix}x`) ? undefined : prefix
    },
  }
}

/** Without each set of types that may be skipped. */
function withSkips(layout: Layout): readonly Layout[] {
  const sets: (readonly string[])[] = [[]]
  for (const type of types) sets.push(...sets.map((set) => [...set, type]))
  return sets.map((skip) => layoutWithout(layout, skip))
}

/** All that a publication may have, by their ids. */
export const rpmLayouts: Readonly<Record<string, Layout>> = Object.fromEntries(
  [...withSkips(flatLayout), ...withSkips(packagesLayout), exactLayout].map((layout) => [layout.id, layout]),
)

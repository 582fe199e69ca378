import type { Copier, CopyRun, FurtherUnits } from '../../../core/copier.ts'
import type { CopyOptions } from './copy-options.ts'
import { additionalField, parseCopyOptions } from './copy-options.ts'
import { placesOf } from './copy-places.ts'
import { followErrata } from './follow-errata.ts'
import { followGroups } from './follow-groups.ts'
import { ModuleCopy } from './module-copy.ts'
import { neededPackages } from './needed-packages.ts'
import { WantedPackages } from './wanted-packages.ts'

/** Copies with what the copied units name and need (pulp2-types §5.6). */
export const yumCopier: Copier<CopyOptions> = {
  options: parseCopyOptions,
  additional: ({ additional }) => ({ field: additionalField, targets: additional }),
  further,
}

const batchUnits = 2_000

async function* further(run: CopyRun<CopyOptions>): AsyncGenerator<FurtherUnits> {
  const wanted = new WantedPackages()
  const groups = await followGroups(run, wanted)
  const modules = new ModuleCopy(run)
  await modules.follow(await followErrata(run, wanted), wanted)
  const packages = await neededPackages(run, wanted, modules)
  for (const [number, place] of placesOf(run).entries()) {
    const ids = [...(number === 0 ? groups : []), ...modules.idsAt(number), ...(packages[number] ?? [])]
    for (let at = 0; at < ids.length; at += batchUnits) yield { place, ids: ids.slice(at, at + batchUnits) }
  }
}

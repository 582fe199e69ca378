import type { CopyRun } from '../../../core/copier.ts'
import type { Module } from '../errata/advisory.ts'
import { erratumType, toAdvisory } from '../errata/erratum-unit.ts'
import type { CopyOptions } from './copy-options.ts'
import { hasSelected } from './has-selected.ts'
import type { WantedPackages } from './wanted-packages.ts'

/** Puts the packages that selected advisories list into `wanted`. Returns the modules that they belong to. */
export async function followErrata(run: CopyRun<CopyOptions>, wanted: WantedPackages): Promise<readonly Module[]> {
  if (!(await hasSelected(run, erratumType.id))) return []
  const modules: Module[] = []
  for await (const { unit, documents } of run.source({ types: [erratumType.id], documents: ['pkglist'] })) {
    if (!run.selected.has(unit.id)) continue
    for (const { packages, module } of toAdvisory(unit.metadata, documents).pkglist) {
      if (module !== undefined) modules.push(module)
      for (const { epoch, ...listed } of packages) wanted.addBuild({ ...listed, epoch: epoch ?? '0' }, 0)
    }
  }
  return modules
}

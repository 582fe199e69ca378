import type { Profiler } from '../../../core/applicability.ts'
import type { UnitWithDocuments } from '../../../core/repository-version.ts'
import { collectionsIn, erratumType } from '../errata/erratum-unit.ts'
import { rpmType, typeOfArch } from '../rpm-types.ts'
import { type PackageBuild, packagesOf, toBuild } from './installed-package.ts'
import { InstalledPackages } from './installed-packages.ts'

/**
 * A package applies to a system that has an older build of it for the same arch. An advisory applies if one of its packages does;
 * source packages are never installed, so they give no reason.
 */
export const rpmProfiler: Profiler = {
  profileType: rpmType.id,
  units: {
    [rpmType.id]: { fields: ['name', 'epoch', 'version', 'release', 'arch'] },
    [erratumType.id]: { fields: [], documents: ['pkglist'] },
  },
  read: (profiles) => {
    const installed = new InstalledPackages(profiles.map(packagesOf))
    return {
      applicableTo: (unit) => {
        const places = new Set<number>()
        for (const build of buildsOf(unit)) installed.addOlder(build, places)
        return places
      },
    }
  },
}

/** What a system may come to by the unit. */
function buildsOf({ unit, documents }: UnitWithDocuments): readonly PackageBuild[] {
  if (unit.type === rpmType.id) return toBuild(unit.metadata)
  const advised = collectionsIn(documents).flatMap(({ packages }) => packages)
  return advised.filter(({ arch }) => typeOfArch(arch) === rpmType.id).flatMap((one) => toBuild(one))
}

import type { Plugin } from '../../core/plugin.ts'
import { describedTypes } from './described-types.ts'
import { upstreamMetadataType } from './exact/upstream-metadata-unit.ts'
import { exportDistributor } from './export/export-distributor.ts'
import { groupExportDistributor } from './group-export-distributor.ts'
import { rpmProfiler } from './profile/rpm-profiler.ts'
import { repositoryTagsType } from './tags/repository-tags-unit.ts'
import { distributionType } from './trees/distribution-unit.ts'
import { yumCataloger } from './yum-cataloger.ts'
import { yumDistributor } from './yum-distributor.ts'
import { yumImporter } from './yum-importer.ts'

/** RPM packages in yum repositories. `metadata/` is the file formats, in and out. */
export const rpm: Plugin = {
  name: 'rpm',
  contentTypes: [...describedTypes, distributionType, upstreamMetadataType, repositoryTagsType],
  importers: [yumImporter],
  distributors: [yumDistributor, exportDistributor],
  groupDistributors: [groupExportDistributor],
  catalogers: [yumCataloger],
  profilers: [rpmProfiler],
}

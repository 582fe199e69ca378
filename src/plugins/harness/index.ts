import type { Plugin } from '../../core/plugin.ts'
import { harnessDistributor } from './harness-distributor.ts'
import { harnessImporter } from './harness-importer.ts'
import { harnessTypeOne, harnessTypeTwo } from './harness-types.ts'

/** Units out of nothing, for tests of clients: what the samples of the written API use (pulp2-types §11). */
export const harness: Plugin = {
  name: 'harness',
  contentTypes: [harnessTypeOne, harnessTypeTwo],
  importers: [harnessImporter],
  distributors: [harnessDistributor],
}

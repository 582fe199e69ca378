import type { Plugin } from '../../core/plugin.ts'
import { demoDistributor } from './demo-distributor.ts'
import { demoGroupDistributor } from './demo-group-distributor.ts'
import { demoImporter } from './demo-importer.ts'
import { textType } from './text-type.ts'

/** Texts that stand in the config: the example that CONTRIBUTING.md walks through. */
export const demo: Plugin = {
  name: 'demo',
  contentTypes: [textType],
  importers: [demoImporter],
  distributors: [demoDistributor],
  groupDistributors: [demoGroupDistributor],
}

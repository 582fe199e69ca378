import type { Plugin } from '../../core/plugin.ts'
import { isoCataloger } from './iso-cataloger.ts'
import { isoDistributor } from './iso-distributor.ts'
import { isoGroupDistributor } from './iso-group-distributor.ts'
import { isoImporter } from './iso-importer.ts'
import { isoType } from './iso-type.ts'

/**
 * Plain files with a manifest. The smallest real plugin, and the one to read first: `manifest.ts` is the format,
 * `iso-type.ts` says what a unit is, the importer reads an upstream into units, the distributor writes units for clients.
 */
export const files: Plugin = {
  name: 'files',
  contentTypes: [isoType],
  importers: [isoImporter],
  distributors: [isoDistributor],
  groupDistributors: [isoGroupDistributor],
  catalogers: [isoCataloger],
}

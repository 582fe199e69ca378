import type { Distributor } from '../core/distributor.ts'
import type { Layout } from '../core/layout.ts'
import { Plugins } from '../core/plugin.ts'

const flat: Layout = {
  id: 'flat',
  locate: (path) => path,
  place: (unitFile) => unitFile,
  unitFilesBelow: (folder) => folder,
}

/** Unit files stand below `Packages/`. */
const packages: Layout = {
  id: 'packages',
  locate: (path) => (path.startsWith('Packages/') ? path.slice('Packages/'.length) : undefined),
  place: (unitFile) => `Packages/${unitFile}`,
  unitFilesBelow: (folder) => (folder === '' || folder === 'Packages/' ? '' : undefined),
}

const distributor: Distributor = {
  id: 'test_distributor',
  displayName: 'Test',
  contentTypes: [],
  config: { parse: (raw) => raw, secrets: [] },
  basePath: (_config, repositoryId) => `/pulp/test/${repositoryId}`,
  layout: () => 'flat',
  access: ({ http, https, ca }) => ({
    http: http !== false,
    https: https !== false,
    clientAuthority: typeof ca === 'string' ? ca : null,
  }),
  layouts: { flat, packages },
  async *publish() {},
  describe: () => ({ report: {}, summary: null, details: null }),
}

/** One distributor type, `test_distributor`, with the layouts `flat` and `packages`. */
export const contentPlugins = new Plugins([
  { name: 'test', contentTypes: [], importers: [], distributors: [distributor] },
])

import type { Copier } from '../core/copier.ts'
import type { Distributor } from '../core/distributor.ts'
import { invalid } from '../core/errors.ts'
import type { GroupDistributor } from '../core/group-distributor.ts'
import type { Importer } from '../core/importer.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import type { Plugin } from '../core/plugin.ts'

/** Refuses `{ "refused": … }`, so that tests can see what becomes of it. */
function parse(raw: JsonObject): JsonObject {
  if ('refused' in raw) throw invalid('refused is refused', ['refused'])
  return raw
}

/** With `also`, from which further repositories into which a copy takes units, nothing comes along. */
const copier: Copier<JsonObject> = {
  options: ({ also }) => (isJsonObject(also) ? also : undefined),
  additional: (also) => ({ field: 'also', targets: new Map(Object.entries(also).map(([id, to]) => [id, String(to)])) }),
  async *further() {},
}

const importer: Importer<JsonObject> = {
  id: 'stub_importer',
  displayName: 'Stub Importer',
  contentTypes: ['stub'],
  config: { parse, secrets: ['proxy_password', 'basic_auth_password'] },
  upstream: () => ({}),
  policy: () => ({ removeMissing: false, download: 'immediate' }),
  async *sync() {},
  describe: () => ({ report: {}, summary: {}, details: {} }),
  failedFilesFailTheRun: false,
  copier,
}

const distributor: Distributor<JsonObject> = {
  id: 'stub_distributor',
  displayName: 'Stub Distributor',
  contentTypes: ['stub'],
  config: { parse, secrets: ['auth_key'] },
  basePath: (_config, repositoryId) => `/pulp/stub/${repositoryId}`,
  layout: () => 'stub-1',
  layouts: {},
  async *publish() {},
  describe: () => ({ report: {}, summary: {}, details: {} }),
}

const groupDistributor: GroupDistributor<JsonObject> = {
  id: 'stub_group_distributor',
  displayName: 'Stub Group Distributor',
  contentTypes: ['stub'],
  config: { parse, secrets: ['token'] },
  folder: () => ({ path: '/nowhere', key: 'export_dir' }),
  async publish() {},
  describe: () => ({}),
}

/** A content family that mirrors nothing, for tests of what only looks at a plugin's names and config. */
export const stubPlugin: Plugin = {
  name: 'stub',
  contentTypes: [
    {
      id: 'stub',
      displayName: 'Stub',
      description: 'A stub',
      keyFields: ['name', 'version'],
      searchIndexes: ['name', ['name', 'version']],
      referencedTypes: [],
      hasFiles: true,
      documents: [],
    },
  ],
  importers: [importer],
  distributors: [distributor],
  groupDistributors: [groupDistributor],
}

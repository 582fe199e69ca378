import type { Attached } from '../core/attached.ts'
import type { ConfigShape } from '../core/config-shape.ts'
import type { Distributor } from '../core/distributor.ts'
import type { Importer } from '../core/importer.ts'
import type { JsonObject } from '../core/json.ts'
import type { Plugin } from '../core/plugin.ts'

/** Where `raising_importer` and `raising_distributor` can be made to throw, by `{ "raise": … }` in their config. */
export type RaisingPlace = 'validate' | 'added' | 'removed' | 'sync' | 'publish'

function raiseAt(place: RaisingPlace, { raise }: JsonObject): void {
  if (raise === place) throw new Error(`raised in ${place}, as the config says`)
}

const config: ConfigShape<JsonObject> = {
  secrets: [],
  parse(raw) {
    raiseAt('validate', raw)
    return raw
  },
}

const hooks = {
  added: async ({ config }: Attached<JsonObject>) => raiseAt('added', config),
  removed: async ({ config }: Attached<JsonObject>) => raiseAt('removed', config),
}

const importer: Importer<JsonObject> = {
  ...hooks,
  id: 'raising_importer',
  displayName: 'Raising Importer',
  contentTypes: ['raising_unit'],
  config,
  upstream: () => ({}),
  policy: () => ({ removeMissing: false, download: 'immediate' }),
  // biome-ignore lint/correctness/useYield: it has nothing to tell
  async *sync(run) {
    raiseAt('sync', run.config)
  },
  describe: () => ({ report: {}, summary: {}, details: {} }),
  failedFilesFailTheRun: false,
}

const distributor: Distributor<JsonObject> = {
  ...hooks,
  id: 'raising_distributor',
  displayName: 'Raising Distributor',
  contentTypes: ['raising_unit'],
  config,
  basePath: (_config, repositoryId) => `/pulp/raising/${repositoryId}`,
  layout: () => 'raising-1',
  layouts: {
    'raising-1': { id: 'raising-1', locate: () => undefined, place: (file) => file, unitFilesBelow: () => undefined },
  },
  // biome-ignore lint/correctness/useYield: it has nothing to tell
  async *publish(run) {
    raiseAt('publish', run.config)
  },
  describe: () => ({ report: {}, summary: {}, details: {} }),
}

/** A family without content whose parts throw where they are told to. For `DECKLE_PLUGINS`: it imports nothing but types. */
export const plugin: Plugin = {
  name: 'raising',
  contentTypes: [
    {
      id: 'raising_unit',
      displayName: 'Raising Unit',
      description: 'There are none',
      keyFields: ['name'],
      searchIndexes: [],
      referencedTypes: [],
      hasFiles: false,
      documents: [],
    },
  ],
  importers: [importer],
  distributors: [distributor],
}

import { pluginContract } from '../../testing/plugin-contract.ts'
import { files } from './index.ts'

const feed = 'http://upstream.test/isos'

pluginContract({
  plugin: files,
  syncs: {
    iso_importer: {
      config: { feed },
      upstream: { [`${feed}/PULP_MANIFEST`]: `one.iso,${'ab'.repeat(32)},3\ntwo/three.img,${'cd'.repeat(32)},5\n` },
    },
  },
  publishes: { iso_distributor: {} },
})

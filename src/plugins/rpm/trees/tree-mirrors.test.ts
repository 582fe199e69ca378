import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anRpm, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial, type UpstreamFiles } from '../../../testing/sync-run.ts'
import { yumImporter } from '../yum-importer.ts'

const list = 'http://lists.test/mirrorlist'
const [one, two] = ['http://a.test/tree/', 'http://b.test/tree/'] as const
const treeinfo = '[general]\nfamily = Zoo\nversion = 16\narch = x86_64\n[variant-A]\nrepository = A\n'
const further = '<pulp_distribution><file>EULA</file></pulp_distribution>'

async function aTree(): Promise<UpstreamFiles> {
  const below = Object.entries(await yumRepository({ packages: [anRpm({ name: 'lion' })] }))
  const variant = Object.fromEntries(below.map(([path, body]) => [`A/${path}`, body]))
  return { ...(await yumRepository({ packages: [anRpm()] })), treeinfo, 'PULP_DISTRIBUTION.xml': further, ...variant }
}

/** A sync from two mirrors, of which the first has other files than the second. */
async function syncWith(differences: UpstreamFiles) {
  const files = await aTree()
  const at = (mirror: string, all: UpstreamFiles) =>
    Object.fromEntries(Object.entries(all).map(([path, body]) => [mirror + path, body]))
  const upstream = { [list]: `${one}\n${two}`, ...at(one, { ...files, ...differences }), ...at(two, files) }
  const trial = await new SyncTrial(yumImporter, upstream).run({ feed: list })
  const tree = trial.units.find(({ type }) => type === 'distribution')
  const paths = tree?.files.map(({ path }) => path) ?? []
  return { trial, tree, paths: paths.map((path) => path.replace(/[0-9a-f]{64}-/, '')) }
}

describe('a kickstart tree on several mirrors', () => {
  for (const [name, differences] of Object.entries<UpstreamFiles>({
    'is down': { treeinfo: 503, '.treeinfo': 503, 'PULP_DISTRIBUTION.xml': 503, 'A/repodata/repomd.xml': 503 },
    'has a page in the place of each description': {
      treeinfo: '<html>',
      'PULP_DISTRIBUTION.xml': '<html/>',
      'A/repodata/repomd.xml': '<html/>',
    },
    'lacks the repository of a variant': { 'A/repodata/repomd.xml': 404 },
  })) {
    it(`is read from the second where the first ${name}`, async () => {
      const [{ paths: expected }, { trial, tree, paths }] = [await syncWith({}), await syncWith(differences)]
      assert.deepEqual(trial.problems, [])
      assert.ok(expected.includes('A/bear.rpm') || expected.some((path) => path.endsWith('.rpm')), expected.join())
      assert.deepEqual(paths, expected)
      const images = tree?.files.find(({ path }) => path === 'EULA')
      assert.deepEqual(images?.urls, [`${one}EULA`, `${two}EULA`])
    })
  }

  it('is none where the first mirror has none, which asks for nothing more', async () => {
    const { trial, paths } = await syncWith({ treeinfo: 404 })
    assert.deepEqual([paths, trial.problems], [[], []])
    assert.ok(!trial.requests.some((url) => url.startsWith(two)))
  })

  it('fails as the first mirror does where none is of use', async () => {
    const broken = { treeinfo: 503, '.treeinfo': 503 }
    const files = { ...(await aTree()), ...broken }
    const both = [one, two].flatMap((mirror) => Object.entries(files).map(([path, body]) => [mirror + path, body]))
    const upstream: UpstreamFiles = { [list]: `${one}\n${two}`, ...Object.fromEntries(both) }
    const { problems, only } = await new SyncTrial(yumImporter, upstream).run({ feed: list })
    assert.match(problems[0]?.reason ?? '', /a\.test\/tree\/\.treeinfo answered 503/)
    assert.ok(!only.includes('distribution'))
  })
})

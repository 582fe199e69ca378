import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { promisesOf, writeTree } from './support/kickstart-tree.ts'
import { makeMirror, sync } from './support/mirrors.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { copyPackages, fileNameOf } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const builds = ['1.0', '2.0', '3.0'].map((version) => ({ name: 'bear', version }))
const lion = { name: 'lion' }
const newest = { name: 'bear', version: '3.0' }
const optional = ['distribution', 'yum_repository_tags', 'yum_repo_metadata_file'] as const

/** What a user may choose, and what comes of each choice whatever the others are. */
const choices = fc.record({
  policy: fc.constantFrom('immediate', 'background', 'on_demand'),
  skip: fc.subarray([...optional]),
  retain: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
  config: fc.record({
    packages_directory: fc.boolean(),
    metadata_compression: fc.constantFrom('gzip', 'zstd'),
    skip: fc.subarray(['yum_repository_tags']),
  }),
})
const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 40 : 4

onOneDatabase('a repository with a tree, tags and a file of its own', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'rpm', 'python3')
  const server = sharedServer(fresh)
  const built = builtPackages([...builds, lion])

  async function anUpstream(): Promise<FolderUpstream> {
    const folder = await temporaryFolder()
    await copyPackages(built(), folder, builds)
    await writeMetadata(folder, { further: ['--repo=Zoo'], files: { productid: '<?xml version="1.0"?><a/>' } })
    await copyPackages(built(), join(folder, 'AppStream'), [lion])
    await writeMetadata(join(folder, 'AppStream'))
    const sections = '[variant-AppStream]\nrepository = AppStream\npackages = AppStream\n\n'
    await writeTree(folder, { packageFolder: 'RPMS', sections, listed: ['AppStream/repodata/repomd.xml'] })
    return FolderUpstream.of(folder)
  }

  test('is mirrored as it was chosen, whatever the other choices are', clients, async () => {
    const upstream = await anUpstream()
    let mirrors = 0
    const holds = async ({ policy, skip, retain, config }: Parameters<typeof check>[1]) => {
      mirrors += 1
      const importer = {
        feed: upstream.feed,
        download_policy: policy,
        type_skip_list: skip,
        ...(retain !== undefined && { retain_old_count: retain }),
      }
      const url = await makeMirror(server(), `mirror-${mirrors}`, importer, config)
      const states = (await sync(server(), `mirror-${mirrors}`)).map(({ state }) => state)
      assert.ok(states.every((state) => state === 'finished'))
      await check(url, { policy, skip, retain, config })
    }
    await fc.assert(fc.asyncProperty(choices, holds), { numRuns: runs, endOnFailure: true })
  })
})

type Choice = typeof choices extends fc.Arbitrary<infer Chosen> ? Chosen : never

async function check(url: string, { skip, retain, config }: Choice): Promise<void> {
  const repomd = (await fetchBytes(`${url}repodata/repomd.xml`)).toString()
  const isTagged = ![...skip, ...config.skip].includes('yum_repository_tags')
  assert.equal(repomd.includes('<repo>Zoo</repo>'), isTagged)
  assert.equal(repomd.includes('type="productid"'), !skip.includes('yum_repo_metadata_file'))
  assert.equal(/href="[^"]*primary\.xml\.zst"/.test(repomd), config.metadata_compression === 'zstd')
  const versions = await (await Dnf.at(url)).repoquery('--showduplicates', '--qf', '%{version}')
  const kept = builds.slice(retain === undefined ? 0 : Math.max(0, builds.length - retain - 1))
  assert.deepEqual(
    versions.filter((line) => line !== ''),
    kept.map(({ version }) => version),
  )
  if (skip.includes('distribution')) return assert.equal(await statusOf(`${url}.treeinfo`), 404)
  const promises = await promisesOf(url, fileNameOf(newest), fileNameOf(lion))
  for (const line of ['file AppStream/repodata/repomd.xml', 'packages AppStream', 'packages Packages'])
    assert.ok(promises.includes(line), `${line} in ${promises.join(', ')}`)
}

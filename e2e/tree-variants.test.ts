import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import type { TaskReport } from '../src/clients/pulp-answers.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import { bootedFrom, writeTree } from './support/kickstart-tree.ts'
import { countsOf, makeMirror, syncWell } from './support/mirrors.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { call, read } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, copyPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const [bear, lion, tiger, owl] = [{ name: 'bear' }, { name: 'lion' }, { name: 'tiger' }, { name: 'owl' }]
const pathOf = (spec: PackageSpec) => `AppStream/Packages/${fileNameOf(spec)}`

const Part = Type.Object({ state: Type.String(), error_details: Type.Array(Type.Unknown()) })
const Report = Type.Object({
  progress_report: Type.Object({ yum_importer: Type.Object({ distribution: Part, content: Part }) }),
})

onOneDatabase('kickstart trees with repositories below them', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm', 'python3')
  const server = sharedServer(fresh)
  const packages = builtPackages([bear, lion, tiger, owl])

  async function aTree(...further: readonly PackageSpec[]): Promise<string> {
    const folder = await temporaryFolder()
    await copyPackages(packages(), join(folder, 'RPMS'), [bear])
    await writeMetadata(folder)
    await copyPackages(packages(), join(folder, 'AppStream/Packages'), [tiger, ...further])
    await writeMetadata(join(folder, 'AppStream'))
    const sections = '[variant-AppStream]\nrepository = AppStream\npackages = AppStream/Packages\n\n'
    await writeTree(folder, { packageFolder: 'RPMS', sections, listed: ['AppStream/repodata/repomd.xml'] })
    return folder
  }

  async function reportOf([task]: readonly TaskReport[]) {
    const answer = await call(server(), 'GET', `/pulp/api/v2/tasks/${task?.task_id}/`)
    return read(Report, answer).progress_report.yum_importer
  }

  test('come from the second mirror where the first has not all of them', clients, async () => {
    const folder = await aTree(lion)
    const [first, second] = [await FolderUpstream.of(folder), await FolderUpstream.of(folder)]
    for (const path of ['.treeinfo', 'images/install.img']) first.fail(path, () => ({ status: 503 }))
    for (const path of ['AppStream/repodata/repomd.xml', pathOf(lion)]) first.fail(path, () => ({ status: 404 }))
    first.server.put('/mirrorlist', `${first.feed}\n${second.feed}\n`)
    const url = await makeMirror(server(), 'mirrors', { feed: first.server.url('/mirrorlist') })
    const { distribution, content } = await reportOf(await syncWell(server(), 'mirrors'))
    assert.deepEqual([distribution.state, distribution.error_details, content.error_details], ['FINISHED', [], []])
    assert.equal((await bootedFrom(url)).length, 3)
    await (await Dnf.at(`${url}AppStream/`)).install('lion')
  })

  test('are mirrored without a package that cannot be fetched, which is named and comes later', clients, async () => {
    const upstream = await FolderUpstream.of(await aTree(owl))
    const owlPath = pathOf(owl) // which no other test stores
    upstream.fail(owlPath, () => ({ status: 404 }))
    const url = await makeMirror(server(), 'lacking', { feed: upstream.feed })
    const { distribution, content } = await reportOf(await syncWell(server(), 'lacking'))
    assert.deepEqual([distribution.state, distribution.error_details], ['FINISHED', []])
    const [detail] = content.error_details as { url: string; name: string }[]
    assert.deepEqual([content.error_details.length, detail?.url, detail?.name], [1, upstream.feed + owlPath, owlPath])
    assert.equal((await bootedFrom(url)).length, 3)
    await (await Dnf.at(`${url}AppStream/`)).install('tiger')
    assert.equal(await statusOf(url + owlPath), 502)

    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'lacking')), { added: 0, updated: 0, removed: 0 })
    const asked = await upstream.requestsOf(async () => {
      await (await Dnf.at(`${url}AppStream/`)).install('owl')
    })
    assert.deepEqual(asked, [], 'the next sync has fetched what was missing')
  })

  test('are not shown, nor packages, by a distributor that skips them', clients, async () => {
    const upstream = await FolderUpstream.of(await aTree(lion))
    const importer = { feed: upstream.feed, download_policy: 'on_demand' }
    const url = await makeMirror(server(), 'skipped', importer, { skip: ['distribution'] })
    await syncWell(server(), 'skipped')
    for (const path of ['.treeinfo', 'images/install.img', 'images/', pathOf(lion), 'AppStream/repodata/repomd.xml'])
      assert.equal(await statusOf(url + path), 404, path)
    await (await Dnf.at(url)).install('bear')
    assert.doesNotMatch((await fetchBytes(url)).toString(), /treeinfo|images|AppStream/)
    const bare = await makeMirror(server(), 'bare', importer, { skip: ['rpm'] })
    await syncWell(server(), 'bare')
    const statuses = [fileNameOf(bear), `Packages/${fileNameOf(bear)}`, '.treeinfo'].map((path) =>
      statusOf(bare + path),
    )
    assert.deepEqual(await Promise.all(statuses), [404, 404, 200])
  })

  test('are shown byte for byte with metadata: exact, also where they hold other builds', clients, async () => {
    const [folder, others] = [await aTree(lion), await temporaryFolder()]
    await buildPackages(others, [{ ...bear, bytes: 2_000 }])
    await cp(join(others, fileNameOf(bear)), join(folder, 'AppStream/Packages', fileNameOf(bear)))
    await writeMetadata(join(folder, 'AppStream'))
    await writeTree(folder, { packageFolder: 'RPMS', sections: '[variant-AppStream]\nrepository = AppStream\n\n' })
    const upstream = await FolderUpstream.of(folder)
    for (const download_policy of ['immediate', 'on_demand']) {
      const id = `exact-${download_policy}`
      const importer = { feed: upstream.feed, metadata: 'exact', download_policy }
      const url = await makeMirror(server(), id, importer, { metadata: 'exact' })
      await syncWell(server(), id)
      const paths = await filesBelow(folder)
      assert.ok(paths.length > 14, paths.join())
      for (const path of paths) assert.ok((await fetchBytes(url + path)).equals(upstream.read(path)), path)
      await (await Dnf.at(`${url}AppStream/`)).install('bear', 'lion')
      await (await Dnf.at(url)).install('bear')
    }
  })
})

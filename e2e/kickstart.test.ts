import assert from 'node:assert/strict'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import type { TaskReport } from '../src/clients/pulp-answers.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { builtPackages, builtRepository } from './support/built-packages.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream, filesBelow } from './support/folder-upstream.ts'
import {
  bootedFrom,
  bootFiles,
  promisesOf,
  type TreeForm,
  withoutRepomd,
  writeFurtherFile,
  writeTree,
} from './support/kickstart-tree.ts'
import { countsOf, makeMirror, sync, syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes, statusOf } from './support/published.ts'
import { call, poll, read } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { sharedServer } from './support/servers.ts'

const api = '/pulp/api/v2'
const bear: PackageSpec = { name: 'bear' }
const clients = requireClients('rpmbuild', 'createrepo_c', 'dnf', 'rpm', 'curl', 'python3')

const Report = Type.Object({
  progress_report: Type.Object({
    yum_importer: Type.Object({
      distribution: Type.Object({
        state: Type.String(),
        items_total: Type.Number(),
        items_left: Type.Number(),
        error_details: Type.Array(Type.Array(Type.String())),
      }),
      content: Type.Object({ items_total: Type.Number(), error_details: Type.Array(Type.Unknown()) }),
    }),
  }),
})
const Found = Type.Array(Type.Object({ metadata: Type.Record(Type.String(), Type.Unknown()) }))

onOneDatabase('kickstart trees', (fresh) => {
  const packages = builtRepository([bear])
  const further = builtPackages([{ name: 'lion' }])
  const server = sharedServer(fresh)

  /** An upstream with a package and a tree; the paths of the tree's files. */
  async function anUpstream(form: TreeForm = {}) {
    const folder = await temporaryFolder()
    await cp(packages(), folder, { recursive: true })
    const paths = await writeTree(folder, form)
    return { folder, paths, upstream: await FolderUpstream.of(folder) }
  }

  /** Fetches every file of the tree with curl and holds it against upstream's. */
  async function requireSame(url: string, upstream: FolderUpstream, paths: readonly string[]): Promise<void> {
    const folder = await temporaryFolder()
    for (const path of paths) {
      const file = join(folder, path)
      await succeed(clientPath('curl'), ['-sSf', '--create-dirs', '-o', file, url + path])
      const expected = upstream.read(path)
      const isTreeInfo = path.endsWith('treeinfo')
      assert.ok((await readFile(file)).equals(isTreeInfo ? withoutRepomd(expected) : expected), path)
    }
  }

  async function reportOf(task: TaskReport | undefined) {
    return read(Report, await call(server(), 'GET', `${api}/tasks/${task?.task_id}/`)).progress_report.yum_importer
  }

  for (const policy of ['immediate', 'background', 'on_demand'] as const) {
    test(`are mirrored ${policy}, so that an installer boots from them and dnf installs`, clients, async () => {
      const { folder, paths, upstream } = await anUpstream({ old: policy === 'background' })
      const all = [...paths, ...(await writeFurtherFile(folder, 'docs/EULA.txt'))]
      await upstream.update()
      const url = await makeMirror(server(), policy, { feed: upstream.feed, download_policy: policy })
      const [task] = await syncWell(server(), policy)
      const { distribution, content } = await reportOf(task)
      const fetched = policy === 'immediate' ? 5 : 0
      const counts = { items_total: fetched, items_left: 0, error_details: [] }
      assert.deepEqual(distribution, { state: 'FINISHED', ...counts })
      assert.deepEqual([content.items_total, content.error_details], [fetched === 0 ? 0 : 1, []])

      const requests = await upstream.requestsOf(async () => {
        const booted = bootFiles.slice(0, 3).map((path) => `${path} ${upstream.read(path).length}`)
        assert.deepEqual(await bootedFrom(url), booted)
      })
      const booted: readonly string[] = bootFiles.slice(0, 3)
      assert.deepEqual(requests, policy === 'on_demand' ? [...booted].sort() : [])
      await requireSame(url, upstream, all)
      assert.deepEqual(await upstream.requestsOf(() => bootedFrom(url)), [])
      const dnf = await Dnf.at(url)
      await dnf.install('bear')
      assert.deepEqual(await dnf.installed(), ['bear-1.0-1'])
      const package_ = await fetchBytes(url + fileNameOf(bear))
      assert.ok(package_.equals(await fetchBytes(`${url}Packages/${fileNameOf(bear)}`)))
      assert.match((await fetchBytes(url)).toString(), /href=".\/images\/"/)
      assert.match((await fetchBytes(`${url}images/pxeboot/`)).toString(), /href=".\/vmlinuz"/)

      const again = await makeMirror(server(), `${policy}-again`, { feed: url })
      await syncWell(server(), `${policy}-again`)
      await requireSame(again, upstream, all)
      assert.deepEqual(await upstream.requestsOf(() => syncWell(server(), policy)), [
        ...['.treeinfo', 'PULP_DISTRIBUTION.xml', 'repodata/repomd.xml'],
      ])
    })
  }

  test('stand beside the folders of packages too, and are found by their fields', clients, async () => {
    const { paths, upstream } = await anUpstream({ name: 'treeinfo' })
    const config = { relative_url: 'letters', http: true, https: true, packages_directory: true }
    await server().client.createRepository({
      id: 'letters',
      importer_type_id: 'yum_importer',
      importer_config: { feed: upstream.feed },
      distributors: [
        {
          distributor_type_id: 'yum_distributor',
          distributor_id: 'd',
          distributor_config: config,
          auto_publish: true,
        },
      ],
    })
    const url = `${server().url}/pulp/repos/letters/`
    await syncWell(server(), 'letters')
    await requireSame(url, upstream, paths)
    assert.equal((await bootedFrom(url)).length, 3)
    await (await Dnf.at(url)).install('bear')
    assert.deepEqual(
      [await statusOf(`${url}Packages/b/${fileNameOf(bear)}`), await statusOf(url + fileNameOf(bear))],
      [200, 404],
    )
    const criteria = { type_ids: ['distribution'], filters: { unit: { family: 'Zoo', arch: 'x86_64' } } }
    const units = read(Found, await call(server(), 'POST', `${api}/repositories/letters/search/units/`, { criteria }))
    const [{ metadata = {} } = {}] = units
    const { id, variant, version, timestamp, packagedir, files } = metadata
    assert.deepEqual(
      [id, variant, version, timestamp, packagedir],
      ['ks-Zoo-Animals-8.4-x86_64', 'Animals', '8.4', 1617641018.5, 'Packages'],
    )
    const [efi, ...others] = files as { relativepath: string }[]
    const checksum = upstream.sha256('EFI/BOOT/BOOTX64.EFI')
    assert.deepEqual(efi, { relativepath: 'EFI/BOOT/BOOTX64.EFI', checksum, checksumtype: 'sha256' })
    assert.equal(others.length, 3)
  })

  test('that are broken fail their part and nothing else, and come once they are whole', clients, async () => {
    const { folder, paths, upstream } = await anUpstream()
    upstream.fail('images/install.img', () => ({ body: Buffer.from('something else') }))
    const url = await makeMirror(server(), 'broken', { feed: upstream.feed })
    const tasks = await syncWell(server(), 'broken')
    const { distribution, content } = await reportOf(tasks[0])
    assert.equal(distribution.state, 'FAILED')
    const [[failed, error] = []] = distribution.error_details
    assert.equal(failed, `${upstream.feed}images/install.img`)
    assert.match(error ?? '', /sha256 is \w+, expected/)
    assert.deepEqual([distribution.items_left, content.error_details], [0, []])
    assert.equal(await statusOf(`${url}${paths[0]}`), 404)
    assert.equal(await statusOf(url + fileNameOf(bear)), 200)

    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'broken')), { added: 1, updated: 0, removed: 0 })
    await requireSame(url, upstream, paths)

    await writeTree(folder, { version: '8.5' })
    await upstream.update()
    upstream.fail('images/install.img', () => ({ status: 404 }))
    await forget('broken')
    assert.deepEqual(countsOf(await syncWell(server(), 'broken')), { added: 0, updated: 0, removed: 0 })
    assert.match((await fetchBytes(`${url}.treeinfo`)).toString(), /version = 8.4/)
    await upstream.update()
    assert.deepEqual(countsOf(await syncWell(server(), 'broken')), { added: 1, updated: 0, removed: 1 })
    await requireSame(url, upstream, paths)
  })

  /** An upstream whose packages lie in a folder of their own, with a variant and an addon that are repositories below it. */
  async function withVariants() {
    const folder = await temporaryFolder()
    await cp(packages(), join(folder, 'RPMS'), { recursive: true, filter: (path) => !path.includes('repodata') })
    await writeMetadata(folder)
    await cp(further(), join(folder, 'AppStream/Packages/l'), { recursive: true })
    await cp(further(), join(folder, 'addons/HA'), { recursive: true })
    for (const below of ['AppStream', 'addons/HA']) await writeMetadata(join(folder, below))
    const sections =
      '[variant-AppStream]\nid = AppStream\nrepository = AppStream\npackages = AppStream/Packages/l\n\n' +
      '[addon-Animals-HA]\nid = HA\nrepository = addons/HA\n\n'
    await writeTree(folder, { packageFolder: 'RPMS', sections, listed: ['AppStream/repodata/repomd.xml'] })
    return { folder, upstream: await FolderUpstream.of(folder) }
  }

  for (const policy of ['immediate', 'on_demand'] as const) {
    test(`with variants and addons are mirrored ${policy}, so that all that they name is there`, clients, async () => {
      const { folder, upstream } = await withVariants()
      const id = `variants-${policy}`
      const promised = ['packages AppStream/Packages/l', 'repository .', 'repository AppStream', 'repository addons/HA']
      for (const packages_directory of [false, true]) {
        const name = `${id}-${packages_directory}`
        const config = { relative_url: name, http: true, https: true, packages_directory }
        await server().client.createRepository({
          id: name,
          importer_type_id: 'yum_importer',
          importer_config: { feed: upstream.feed, download_policy: policy },
          distributors: [
            {
              distributor_type_id: 'yum_distributor',
              distributor_id: 'd',
              distributor_config: config,
              auto_publish: true,
            },
          ],
        })
        await syncWell(server(), name)
        const url = `${server().url}/pulp/repos/${name}/`
        const lines = await promisesOf(url, fileNameOf(bear), fileNameOf({ name: 'lion' }))
        for (const line of [...promised, 'packages Packages', 'file AppStream/repodata/repomd.xml'])
          assert.ok(lines.includes(line), `${line} in ${lines.join(', ')}`)
        assert.ok(!lines.some((line) => line === 'file repodata/repomd.xml' || line.includes('RPMS')))
        assert.equal(await statusOf(`${url}Packages/${packages_directory ? 'b/' : ''}${fileNameOf(bear)}`), 200)
        const dnf = await Dnf.at(`${url}AppStream/`)
        await dnf.install('lion')
        await (await Dnf.at(`${url}addons/HA/`)).install('lion')
        const own = await (await Dnf.at(url)).repoquery('--qf', '%{name}')
        assert.deepEqual(
          own.filter((line) => line !== ''),
          ['bear'],
        )
        assert.equal((await bootedFrom(url)).length, 3)
        const paths = (await filesBelow(folder)).filter((path) => /^(AppStream|addons)\//.test(path))
        await requireSame(url, upstream, paths)
      }
    })
  }

  test('that change while repomd.xml does not are mirrored, by one request more', clients, async () => {
    const { folder, paths, upstream } = await anUpstream()
    const url = await makeMirror(server(), 'alone', { feed: upstream.feed })
    await syncWell(server(), 'alone')
    await writeTree(folder, { version: '9.9' })
    await upstream.update()
    const requests = await upstream.requestsOf(() => syncWell(server(), 'alone'))
    assert.ok(!requests.some((path) => path.includes('primary')), requests.join())
    await requireSame(url, upstream, paths)
    assert.match((await fetchBytes(`${url}.treeinfo`)).toString(), /version = 9.9/)
    assert.deepEqual(await upstream.requestsOf(() => syncWell(server(), 'alone')), ['.treeinfo', 'repodata/repomd.xml'])
  })

  /** Makes the next sync look at everything, as it does when upstream has other packages. */
  function forget(id: string) {
    const body = { importer_config: { force_full: true } }
    return call(server(), 'PUT', `${api}/repositories/${id}/importers/yum_importer/`, body)
  }

  test('are copied, and refused when a repository comes to have two', clients, async () => {
    const trees = [await anUpstream({ version: '1' }), await anUpstream({ version: '2' })]
    const target = await makeMirror(server(), 'target', {})
    for (const [index, { upstream, paths }] of trees.entries()) {
      const id = `source-${index}`
      await makeMirror(server(), id, { feed: upstream.feed, download_policy: 'on_demand' })
      await syncWell(server(), id)
      const body = { source_repo_id: id, criteria: { type_ids: ['distribution'] } }
      await poll(server(), await call(server(), 'POST', `${api}/repositories/target/actions/associate/`, body))
      const path = `${api}/repositories/target/actions/publish/`
      const [task] = await poll(server(), await call(server(), 'POST', path, { id: 'yum_distributor' }))
      if (index === 0) await requireSame(target, upstream, paths)
      else {
        assert.equal(task?.state, 'error')
        assert.match(JSON.stringify(task?.error), /the repository target has 2 distributions/)
        assert.match((await fetchBytes(`${target}.treeinfo`)).toString(), /version = 1\n/)
      }
    }
  })

  test('that would lie elsewhere are refused, and the packages beside them are not', clients, async () => {
    const { upstream } = await anUpstream()
    const evil = upstream.read('.treeinfo').toString().replaceAll('images/install.img', '../../../../etc/passwd')
    upstream.fail('.treeinfo', () => ({ body: Buffer.from(evil) }))
    const url = await makeMirror(server(), 'evil', { feed: upstream.feed })
    const [task] = await sync(server(), 'evil')
    const { distribution } = await reportOf(task)
    assert.equal(distribution.state, 'FAILED')
    assert.match(distribution.error_details[0]?.[1] ?? '', /etc\/passwd" is no path/)
    assert.equal(await statusOf(url + fileNameOf(bear)), 200)
  })
})

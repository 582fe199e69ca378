import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { requireFinished } from '../src/clients/follow-tasks.ts'
import { clientPath } from '../src/testing/clients.ts'
import { onOneDatabase } from '../src/testing/databases.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { follow, syncWell } from './support/mirrors.ts'
import { succeed } from './support/programs.ts'
import { fetchBytes, sha256, statusOf } from './support/published.ts'
import { call, poll } from './support/pulp-calls.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, fileNameOf, type PackageSpec } from './support/rpm-packages.ts'
import { newFolder, removeFolder, sharedServer } from './support/servers.ts'

const packages: readonly PackageSpec[] = ['ant', 'bee', 'cow', 'dog', 'elk'].map((name) => ({ name, bytes: 300_000 }))
const updateinfo = `<?xml version="1.0"?>
<updates><update from="x@example.test" status="final" type="security" version="1"><id>A/1</id><title>Ants</title>
<issued date="2020-01-01 01:01:01"/><description>More legs.</description><references/><pkglist><collection short="c"><name>all</name>
<package name="ant" version="1.0" release="1" epoch="0" arch="noarch"><filename>ant-1.0-1.noarch.rpm</filename></package>
</collection></pkglist></update></updates>`

onOneDatabase('exports', (fresh) => {
  const clients = requireClients('rpmbuild', 'createrepo_c', 'modifyrepo_c', 'dnf', 'xorriso')
  let exports = ''
  before(async () => {
    exports = await newFolder()
  })
  after(() => removeFolder(exports))
  const server = sharedServer(fresh, () => ({ DECKLE_EXPORT_DIRS: exports }))

  async function anUpstream(): Promise<FolderUpstream> {
    const folder = await temporaryFolder()
    await buildPackages(folder, packages)
    await writeMetadata(folder)
    const more = await temporaryFolder()
    for (const [type, text] of Object.entries({ updateinfo, productid: 'a product' })) {
      await writeFile(join(more, type), text)
      await succeed(clientPath('modifyrepo_c'), [`--mdtype=${type}`, join(more, type), join(folder, 'repodata')])
    }
    return FolderUpstream.of(folder)
  }

  async function aRepository(id: string, upstream: FolderUpstream, config: object, importer: object = {}) {
    await server().client.createRepository({
      id,
      importer_type_id: 'yum_importer',
      importer_config: { feed: upstream.feed, ...importer },
      distributors: [
        {
          distributor_id: 'export',
          distributor_type_id: 'export_distributor',
          distributor_config: { http: true, https: true, ...config },
          auto_publish: false,
        },
      ],
    })
    await syncWell(server(), id)
  }

  async function publish(id: string, override: Record<string, unknown> = {}) {
    return follow(server(), await server().client.publish(id, 'export', override))
  }

  /** What dnf finds at an address: packages, advisories. */
  async function toldAt(url: string): Promise<readonly unknown[]> {
    const dnf = await Dnf.at(url)
    await dnf.install('ant')
    const { stdout } = await dnf.run('--quiet', 'updateinfo', 'list', '--all')
    return [await dnf.repoquery('--qf', '%{name}-%{evr} %{location}'), stdout]
  }

  async function imagesOf(path: string): Promise<readonly string[]> {
    const page = (await fetchBytes(`${server().url}${path}`)).toString()
    return [...new Set(page.match(/[\w.-]+\.iso/g))].toSorted()
  }

  test('into a folder are repositories that dnf reads there, with a manifest', clients, async () => {
    const upstream = await anUpstream()
    const folder = join(exports, 'tree')
    await aRepository('tree', upstream, { export_dir: folder, manifest: true, generate_sqlite: true })
    requireFinished(await publish('tree'))
    assert.deepEqual(await toldAt(`file://${folder}`), await toldAt(upstream.feed))

    const manifest = (await readFile(join(folder, 'PULP_MANIFEST'), 'utf8')).trimEnd().split('\r\n')
    for (const line of manifest) {
      const [path = '', checksum, size] = line.split(',')
      const bytes = await readFile(join(folder, path))
      assert.deepEqual([sha256(bytes), String(bytes.length)], [checksum, size], path)
    }
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
    const listed = files.filter(({ name }) => name !== 'PULP_MANIFEST' && !name.startsWith('.deckle-export'))
    assert.equal(manifest.length, listed.length)
    for (const part of ['primary.sqlite.gz', 'productid', fileNameOf({ name: 'elk' })])
      assert.ok(
        manifest.some((line) => line.includes(part)),
        part,
      )
  })

  test('as images are repositories when all are unpacked into a folder', clients, async () => {
    const upstream = await anUpstream()
    await aRepository('images', upstream, { iso_size: 1, iso_prefix: 'zoo', relative_url: 'a/b', manifest: true })
    const [task] = await publish('images')
    assert.deepEqual([task?.state, task?.error], ['finished', null])
    const images = await imagesOf('/pulp/exports/repos/a/b/')
    assert.ok(images.length >= 2, images.join(' '))
    for (const [index, name] of images.entries()) {
      assert.match(name, new RegExp(`^zoo-\\d{4}-\\d\\d-\\d\\dT\\d\\d\\.\\d\\d-0${index + 1}\\.iso$`))
      const bytes = await fetchBytes(`${server().url}/pulp/exports/repos/a/b/${name}`)
      assert.ok(bytes.length <= 1024 * 1024, `${name} has ${bytes.length} bytes`)
    }
    assert.deepEqual(
      await toldAt(`file://${await unpacked('/pulp/exports/repos/a/b/', images)}`),
      await toldAt(upstream.feed),
    )
    const manifest = (await fetchBytes(`${server().url}/pulp/exports/repo/a/b/PULP_MANIFEST`)).toString()
    assert.deepEqual(
      manifest
        .match(/^[^,]+/gm)
        ?.map((name) => name.trim())
        .filter((name) => name !== ''),
      images,
    )
    assert.equal(await statusOf(`${server().url}/pulp/exports/repos/a/b/${fileNameOf({ name: 'ant' })}`), 404)
  })

  /** Unpacks all images that are served at a path into one folder, as somebody does who got them on a disk. */
  async function unpacked(path: string, images: readonly string[]): Promise<string> {
    const folder = await temporaryFolder()
    for (const name of images) {
      const image = join(await temporaryFolder(), name)
      await writeFile(image, await fetchBytes(`${server().url}${path}${name}`))
      const extract = ['-no_rc', '-osirrox', 'on:auto_chmod_on', '-indev', image, '-extract', '/', folder]
      await succeed(clientPath('xorriso'), extract)
    }
    return folder
  }

  /** Path → SHA-256 of every file below a folder. */
  async function treeOf(folder: string): Promise<Record<string, string>> {
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
    const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    const own = paths.filter((path) => !path.startsWith('.deckle-export')).toSorted()
    return Object.fromEntries(
      await Promise.all(own.map(async (path) => [path, sha256(await readFile(join(folder, path)))])),
    )
  }

  test('of a group as images hold what its folder does, each repository in a folder of its own', clients, async () => {
    const upstream = await anUpstream()
    for (const id of ['one', 'two']) await aRepository(id, upstream, {})
    const group = '/pulp/api/v2/repo_groups/'
    const config = { http: true, https: true, iso_size: 1, generate_sqlite: true }
    const distributors = [
      { distributor_id: 'd', distributor_type_id: 'group_export_distributor', distributor_config: config },
    ]
    await call(server(), 'POST', group, { id: 'both', repo_ids: ['one', 'two'], distributors })
    const publishGroup = async (override_config: object = {}) => {
      const path = `${group}both/actions/publish/`
      const [task] = await poll(server(), await call(server(), 'POST', path, { id: 'd', override_config }))
      assert.deepEqual([task?.state, task?.error], ['finished', null])
    }
    await publishGroup()
    const images = await imagesOf('/pulp/exports/repo_group/both/')
    assert.ok(images.length >= 3, images.join(' '))
    for (const name of images) assert.match(name, /^both-\d{4}-\d\d-\d\dT\d\d\.\d\d-\d\d\.iso$/)
    const folder = await unpacked('/pulp/exports/repo_group/both/', images)
    for (const id of ['one', 'two'])
      assert.deepEqual(await toldAt(`file://${folder}/${id}`), await toldAt(upstream.feed))
    assert.equal(await readFile(join(folder, 'listing'), 'utf8'), 'one\ntwo')

    const export_dir = join(exports, 'both')
    await publishGroup({ export_dir, manifest: true })
    assert.equal(await statusOf(`${server().url}/pulp/exports/repo_group/both/${images[0]}`), 200, 'within grace')
    assert.deepEqual(await imagesOf('/pulp/exports/repo_group/both/'), [])
    const { PULP_MANIFEST: manifest, ...tree } = await treeOf(export_dir)
    assert.ok(manifest !== undefined)
    assert.deepEqual(tree, await treeOf(folder))

    await publishGroup({ iso_prefix: 'zoo', relative_url: 'all/of-them', skip: ['rpm', 'srpm'], manifest: true })
    const base = `${server().url}/pulp/exports/repo_group/`
    const [zoo = ''] = await imagesOf('/pulp/exports/repo_group/all/of-them/')
    assert.match(zoo, /^zoo-/)
    assert.equal(await statusOf(`${base}both/`), 404)
    assert.match((await fetchBytes(`${base}all/of-them/PULP_MANIFEST`)).toString(), new RegExp(`^${zoo},`))
    const clash = {
      distributor_type_id: 'group_export_distributor',
      distributor_config: { ...config, relative_url: 'both/x' },
    }
    const refusal = await call(server(), 'POST', group, { id: 'other', distributors: [clash] })
    assert.equal(refusal.status, 400)
    assert.match(JSON.stringify(refusal.body), /both\/x conflicts with both of group both/)
    await call(server(), 'DELETE', `${group}both/distributors/d/`)
    assert.equal(await statusOf(`${base}all/of-them/${zoo}`), 404)
  })

  test('of a span of time hold what came in it, with a document for each', clients, async () => {
    const upstream = await anUpstream()
    const folder = join(exports, 'span')
    await aRepository('span', upstream, { export_dir: folder, start_date: '2020-01-01', skip: ['srpm'] })
    requireFinished(await publish('span'))
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted()
    const each = packages.flatMap((spec) => [fileNameOf(spec), fileNameOf(spec).replace(/rpm$/, 'json')])
    assert.deepEqual(names, ['A%2F1.json', ...each].toSorted())
    const ant = JSON.parse(await readFile(join(folder, 'ant-1.0-1.noarch.json'), 'utf8'))
    assert.deepEqual(Object.keys(ant), ['unit_key', 'unit_metadata'])
    assert.deepEqual(
      [ant.unit_key.name, ant.unit_key.epoch, ant.unit_metadata.filename],
      ['ant', '0', fileNameOf({ name: 'ant' })],
    )
    assert.equal(ant.unit_metadata.provides[0].name, 'ant')
    const advisory = JSON.parse(await readFile(join(folder, 'A%2F1.json'), 'utf8'))
    assert.deepEqual([advisory.unit_key, advisory.unit_metadata.title], [{ id: 'A/1' }, 'Ants'])
    assert.equal(advisory.unit_metadata.pkglist[0].packages[0].name, 'ant')

    requireFinished(await publish('span', { end_date: '2020-01-02T00:00:00Z' }))
    assert.deepEqual(
      (await readdir(folder)).filter((name) => !name.startsWith('.')),
      [],
    )
  })

  test('are refused while files are not stored, and when an image cannot hold a file', clients, async () => {
    const upstream = await anUpstream()
    await aRepository('later', upstream, { export_dir: join(exports, 'later') }, { download_policy: 'on_demand' })
    const [task] = await publish('later')
    assert.deepEqual([task?.state, Object(task?.error).code], ['error', 'PLP0045'])
    await assert.rejects(readdir(join(exports, 'later')), { code: 'ENOENT' })
    requireFinished(await publish('later', { skip: ['rpm', 'srpm'] }))
    assert.deepEqual(
      await readdir(join(exports, 'later', 'repodata')).then((names) => names.includes('repomd.xml')),
      true,
    )

    const folder = await temporaryFolder()
    await buildPackages(folder, [{ name: 'whale', bytes: 1_200_000 }])
    await writeMetadata(folder)
    await aRepository('large', await FolderUpstream.of(folder), { iso_size: 1 })
    const [tooLarge] = await publish('large')
    assert.equal(tooLarge?.state, 'error')
    assert.match(JSON.stringify(tooLarge?.error), /whale.*raise iso_size/)
  })
})

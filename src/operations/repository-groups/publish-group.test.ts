import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import type { JsonObject } from '../../core/json.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import { anRpm, servedAt, yumRepository } from '../../testing/repodata.ts'
import { UpstreamServer } from '../../testing/upstream-server.ts'
import { openWorkBench, type WorkBench } from '../../testing/work-bench.ts'
import { createRepository } from '../manage-repositories.ts'
import { syncTask } from '../sync-repository.ts'
import { createGroup } from './manage-groups.ts'
import { groupPublishTask } from './publish-group.ts'

onOneDatabase('publishing a group', (fresh) => {
  let bench: WorkBench
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deckle-test-'))
    bench = await openWorkBench(await fresh.open(), folder)
  })

  after(() => rm(folder, { recursive: true }))

  async function synced(id: string, type: string, config: JsonObject): Promise<string> {
    const importer = { type, config }
    await createRepository(bench.services, { id, description: null, notes: {}, importer, distributors: [] })
    await bench.run(syncTask(id))
    return id
  }

  async function aGroup(id: string, repositoryIds: readonly string[], type: string, config: JsonObject = {}) {
    const export_dir = `${folder}/exports/${id}`
    const distributors = [{ id: 'd', type, config: { export_dir, ...config } }]
    const facts = { displayName: null, description: null, notes: {} }
    await createGroup(bench.services, { id, ...facts, repositoryIds, distributors })
    return { export_dir, publish: () => bench.run(groupPublishTask(id, 'd')) }
  }

  async function seen(path: string): Promise<readonly string[]> {
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`)
    return files.map((file) => file.slice(path.length + 1)).filter((file) => !file.startsWith('.'))
  }

  it('writes each repository into its folder, and again what has changed', async () => {
    await synced('one', 'demo_importer', { texts: { a: 'A', b: 'B' } })
    await synced('two', 'demo_importer', { texts: { a: 'other' } })
    const { export_dir, publish } = await aGroup('texts', ['one', 'two'], 'demo_group_distributor')
    const { progress, result } = await publish()
    assert.deepEqual([progress, result], [{ d: { state: 'finished', error: null } }, undefined])
    assert.deepEqual((await seen(export_dir)).toSorted(), ['index.txt', 'one/a', 'one/b', 'two/a'])
    assert.equal(await readFile(`${export_dir}/two/a`, 'utf8'), 'other')
    const [two] = await bench.services.repositories.details(['two'])
    await bench.services.repositoryGroups.unassociate('texts', [two?.repository.key ?? 0])
    await publish()
    assert.deepEqual((await seen(export_dir)).toSorted(), ['index.txt', 'one/a', 'one/b'])
    assert.ok((await bench.services.repositoryGroups.distributor('texts', 'd')).lastPublish)
  })

  it('writes a yum repository for each repository of packages, with all that it holds', async () => {
    const upstream = await UpstreamServer.start()
    const lion = anRpm({ name: 'lion', body: 'a package' })
    const repodata = await yumRepository({
      packages: [lion],
      moreRecords: `<data type="productid"><location href="repodata/productid"/></data>
        <data type="prestodelta"><location href="repodata/prestodelta.xml"/></data>`,
    })
    const further = {
      'repodata/productid': Buffer.from('a certificate'),
      'repodata/prestodelta.xml': Buffer.from(prestodeltaOf('drpms/lion.drpm', 'a delta')),
      'drpms/lion.drpm': Buffer.from('a delta'),
    }
    const treeinfo = '[general]\nfamily = a\nversion = 1\narch = b\n[stage2]\nmainimage = images/x\n'
    const tree = { '.treeinfo': Buffer.from(treeinfo), 'images/x': Buffer.from('an image') }
    const files = servedAt('/feed/', { ...repodata, ...tree, ...further, [lion.href]: Buffer.from('a package') })
    for (const [path, body] of Object.entries(files)) upstream.put(path, body)
    await synced('rpms', 'yum_importer', { feed: upstream.url('/feed/') })
    const config = { http: true, https: false, manifest: true, generate_sqlite: true, gpg_sign_metadata: true }
    const { export_dir, publish } = await aGroup('packages', ['rpms'], 'group_export_distributor', config)
    const { progress } = await publish()
    const [step] = Object.values(progress).flat()
    assert.equal(JSON.stringify(step).includes('"FINISHED"'), true, JSON.stringify(progress))
    const repomd = await readFile(`${export_dir}/rpms/repodata/repomd.xml`, 'utf8')
    const signature = await readFile(`${export_dir}/rpms/repodata/repomd.xml.asc`, 'utf8')
    assert.match(signature, /BEGIN PGP SIGNATURE/)
    const written = await seen(`${export_dir}/rpms`)
    for (const [, href = 'none'] of repomd.matchAll(/href="([^"]+)"/g)) assert.ok(written.includes(href), href)
    assert.deepEqual(
      written.filter((path) => path.endsWith('.rpm')),
      [lion.href],
    )
    const manifest = await readFile(`${export_dir}/PULP_MANIFEST`, 'utf8')
    assert.deepEqual(
      manifest.match(/^[^,\n]+/gm)?.toSorted(),
      written
        .map((path) => `rpms/${path}`)
        .concat('rpms/.treeinfo', 'listing')
        .toSorted(),
    )
    assert.match(manifest, /primary\.sqlite\.gz/)
    const { 'repodata/prestodelta.xml': _, ...kept } = further
    for (const [path, bytes] of Object.entries({ ...tree, ...kept }))
      assert.deepEqual(await readFile(`${export_dir}/rpms/${path}`), bytes, path)
  })

  it('writes files with a manifest', async () => {
    const upstream = await UpstreamServer.start()
    const sha256 = '559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd'
    upstream.put('/feed/PULP_MANIFEST', `a.img,${sha256},1\n`)
    upstream.put('/feed/a.img', 'A')
    await synced('images', 'iso_importer', { feed: upstream.url('/feed/') })
    const { export_dir, publish } = await aGroup('media', ['images'], 'iso_group_distributor')
    await publish()
    assert.equal(await readFile(`${export_dir}/images/PULP_MANIFEST`, 'utf8'), `a.img,${sha256},1\r\n`)
    assert.equal(await readFile(`${export_dir}/images/a.img`, 'utf8'), 'A')
  })

  it('refuses repositories whose files are not stored, and changes nothing', async () => {
    const upstream = await UpstreamServer.start()
    upstream.put('/feed/PULP_MANIFEST', `a.img,${'0'.repeat(64)},1\n`)
    await synced('later', 'iso_importer', { feed: upstream.url('/feed/'), download_policy: 'on_demand' })
    const { export_dir, publish } = await aGroup('absent', ['later'], 'iso_group_distributor')
    await assert.rejects(publish(), { kind: 'conflict', details: { code: 'PLP0046', data: { repos: ['later'] } } })
    await assert.rejects(readdir(export_dir), { code: 'ENOENT' })
  })

  it('refuses folders that may not be filled, and keys with wrong values', async () => {
    const refused = { kind: 'invalid', details: { code: 'distributor-config', fields: ['export_dir'] } }
    const facts = { displayName: null, description: null, notes: {}, repositoryIds: [] }
    const make = (type: string, config: JsonObject) =>
      createGroup(bench.services, { id: 'bad', ...facts, distributors: [{ type, config }] })
    const rpm = { http: true, https: true, export_dir: `${folder}/exports/bad` }
    await assert.rejects(make('demo_group_distributor', { export_dir: '/etc' }), { ...refused, message: /EXPORT_DIRS/ })
    for (const [key, value] of Object.entries({
      iso_size: 0,
      iso_prefix: 'a b',
      relative_url: '/x',
      start_date: 'today',
    }))
      await assert.rejects(make('group_export_distributor', { ...rpm, [key]: value }), { message: new RegExp(key) })
    await assert.rejects(make('group_export_distributor', { ...rpm, skip: null }), /skip must not be null/)
    await assert.rejects(make('nothing', {}), /there is no group distributor type nothing/)
  })
})

/** A list with one delta package. */
function prestodeltaOf(path: string, body: string): string {
  const checksum = `<checksum type="sha256">${createHash('sha256').update(body).digest('hex')}</checksum>`
  return `<prestodelta><newpackage name="lion" version="2" release="1" arch="noarch"><delta oldversion="1" oldrelease="1">
    <filename>${path}</filename><sequence>lion-1-1-00</sequence>${checksum}</delta></newpackage></prestodelta>`
}

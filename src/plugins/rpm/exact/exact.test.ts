import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { exactLayout, hiddenFolder } from '../exact-layout.ts'
import { flatLayout, packagesLayout } from '../rpm-layouts.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'

const feed = 'http://upstream.test/r/'
const place = { relative_url: 'x', http: true, https: true, metadata: 'exact' }
type Repository = Parameters<typeof yumRepository>[0]

async function synced(repository: Repository, more: Readonly<Record<string, string>> = {}, config: JsonObject = {}) {
  const added = Object.entries(more).map(([path, text]) => [path, Buffer.from(text)] as const)
  const files = { ...(await yumRepository(repository)), ...Object.fromEntries(added) }
  const trial = await new SyncTrial(yumImporter, servedAt(feed, files)).run({ feed, metadata: 'exact', ...config })
  return { files, trial, units: trial.units }
}

const kept = (units: readonly DiscoveredUnit[]) => units.find(({ type }) => type === 'yum_upstream_metadata')
const publish = (units: readonly DiscoveredUnit[]) => new PublishTrial(yumDistributor, units).run(place)

function refuses(units: readonly DiscoveredUnit[], reason: RegExp): Promise<void> {
  return assert.rejects(publish(units), { kind: 'conflict', message: reason })
}

describe('a sync with metadata: exact', () => {
  it('keeps all metadata of upstream as it is, its signature too', async () => {
    const signed = { 'repodata/repomd.xml.asc': 'a signature', 'repodata/repomd.xml.key': 'a key' }
    const { files, units } = await synced({ packages: [anRpm()] }, signed)
    const unit = kept(units)
    const bytes = new Map<string, string>()
    for (const { path, content } of unit?.files ?? []) {
      const name = exactLayout.place(path)
      bytes.set(name, Buffer.concat(await Array.fromAsync(content?.() ?? [])).toString('latin1'))
    }
    const metadata = Object.entries(files).filter(([path]) => path.startsWith('repodata/'))
    const expected = metadata.map(([path, body]) => [path, Buffer.from(body).toString('latin1')] as const)
    assert.deepEqual([...bytes].sort(), [...expected].sort())
    assert.ok(bytes.has('repodata/repomd.xml.asc') && bytes.size >= 6)
  })

  it('keeps none without the key, and none that lies elsewhere', async () => {
    assert.equal(kept((await synced({ packages: [anRpm()] }, {}, { metadata: 'generated' })).units), undefined)
    const moreRecords = '<data type="odd"><location href="other/x"/></data>'
    const { trial, units } = await synced({ packages: [anRpm()], moreRecords }, { 'other/x': 'y' })
    assert.equal(kept(units), undefined)
    assert.match(trial.problems[0]?.reason ?? '', /odd of repomd.xml does not lie below repodata/)
  })

  it('takes the metadata again when upstream signs the same repomd.xml anew', async () => {
    const signed = { 'repodata/repomd.xml.asc': 'a signature' }
    const first = await synced({ packages: [anRpm()] }, signed)
    const again = (more: Readonly<Record<string, Uint8Array>>) => {
      const { 'repodata/repomd.xml.asc': _, ...unsigned } = { ...first.files, 'repodata/repomd.xml.asc': '' }
      const trial = new SyncTrial(yumImporter, servedAt(feed, { ...unsigned, ...more }))
      return trial.run({ feed, metadata: 'exact' }, first.trial.remembered)
    }
    const asc = Buffer.from('a signature')
    const same = await again({ 'repodata/repomd.xml.asc': asc })
    const asked = ['repomd.xml', 'repomd.xml.asc', 'repomd.xml.key'].map((name) => `${feed}repodata/${name}`)
    assert.deepEqual([kept(same.units), same.requests], [undefined, asked])
    for (const changed of [
      { 'repodata/repomd.xml.asc': Buffer.from('another') },
      { 'repodata/repomd.xml.asc': asc, 'repodata/repomd.xml.key': Buffer.from('a key') },
      {},
    ])
      assert.ok(kept((await again(changed)).units), JSON.stringify(Object.keys(changed)))
  })

  it('cannot leave out what upstream has', () => {
    for (const [key, value] of Object.entries({ type_skip_list: ['erratum'], retain_old_count: 1 })) {
      const parse = () => yumImporter.config.parse({ feed, metadata: 'exact', [key]: value })
      assert.throws(parse, new RegExp(`${key} leaves out`))
    }
  })
})

describe('a publish with metadata: exact', () => {
  it('makes nothing, and shows what upstream has', async () => {
    const { units } = await synced({ packages: [anRpm()] })
    assert.deepEqual([...(await publish(units)).files.keys()], [])
    assert.equal(yumDistributor.layout(yumDistributor.config.parse(place)), exactLayout.id)
  })

  it('is refused where the content is not what upstream describes, or nobody has its metadata', async () => {
    const { units } = await synced({ packages: [anRpm(), anRpm({ name: 'other' })] })
    const other = (await synced({ packages: [anRpm({ name: 'third' })] })).units.filter(({ type }) => type === 'rpm')
    const packages = units.filter(({ type }) => type === 'rpm')
    await refuses(packages, /holds no metadata of an upstream; set metadata: exact on its importer/)
    await refuses([...units, ...other], /3 rpm where upstream has 2/)
    await refuses(
      units.filter((unit) => unit !== packages[0]),
      /1 rpm where upstream has 2/,
    )
    const swapped = units.map((unit) => (unit === packages[0] ? (other[0] ?? unit) : unit))
    await refuses(swapped, /what upstream has: other units.*remove_missing/s)
  })

  it('is refused where packages would not be found', async () => {
    for (const href of ['../pool/bear.rpm', 'http://elsewhere.test/bear.rpm', 'a%2Bb.rpm', 'bear']) {
      const { units } = await synced({ packages: [anRpm({ href })] })
      await refuses(units, /1 of the packages that upstream lists/)
    }
    const twice = await synced({ packages: [anRpm(), anRpm({ body: 'another build' })] })
    await refuses(twice.units, /1 of the packages that upstream lists/)
    for (const href of ['bear.rpm', 'Packages/b/bear.rpm', 'a+b ~c.rpm'])
      await publish((await synced({ packages: [anRpm({ href })] })).units)
  })

  it('takes no key that says how metadata is made', () => {
    const keys = { skip: ['rpm'], packages_directory: true, gpg_sign_metadata: true, checksum_type: 'sha1' }
    for (const [key, value] of Object.entries(keys)) {
      const parse = () => yumDistributor.config.parse({ ...place, [key]: value })
      assert.throws(parse, new RegExp(`${key} would change what metadata: exact shows`))
    }
    yumDistributor.config.parse({ ...place, skip: [], packages_directory: false, gpg_sign_metadata: false })
  })
})

describe('the layout of upstream', () => {
  const name = fc.string({ minLength: 1 }).map((text) => `${text.replaceAll('/', '_')}_`)

  it('finds metadata where upstream has it, which no other layout shows', () => {
    fc.assert(
      fc.property(name, (file) => {
        assert.equal(exactLayout.locate(exactLayout.place(hiddenFolder + file)), hiddenFolder + file)
        assert.equal(exactLayout.place(hiddenFolder + file), `repodata/${file}`)
        for (const layout of [flatLayout, packagesLayout]) assert.equal(layout.locate(hiddenFolder + file), undefined)
      }),
    )
  })

  it('finds packages in any folder, and other files in their own', () => {
    for (const path of ['bear.rpm', 'b/bear.rpm', 'Packages/b/bear.rpm']) {
      assert.equal(exactLayout.locate(path), path, 'a package of a repository below the tree comes first')
      assert.equal(exactLayout.locateInstead?.(path), 'bear.rpm')
    }
    for (const path of ['bear.drpm', 'x86_64/bear.drpm', 'drpms/bear.drpm'])
      assert.equal(exactLayout.locateInstead?.(path), 'drpms/bear.drpm')
    for (const path of ['images/vmlinuz', '.treeinfo', 'A/repodata/repomd.xml'])
      assert.deepEqual([exactLayout.locate(path), exactLayout.locateInstead?.(path)], [path, undefined])
    assert.equal(exactLayout.locate('Packages/'), undefined)
    assert.equal(exactLayout.unitFilesBelow('repodata/'), hiddenFolder)
  })
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { DeckleError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import { escapeAttribute } from '../../../formats/xml-text.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { parseRepomd, type RepomdRecord } from '../metadata/repomd.ts'
import { flatLayout, isGeneratedMetadata, packagesLayout } from '../rpm-layouts.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'
import { customMetadataPath } from './custom-metadata-path.ts'
import { isCustomType } from './custom-metadata-unit.ts'
import { uploadCustomMetadata } from './upload-custom-metadata.ts'

const feed = 'http://upstream.test/r/'
const product = gzipSync('a product certificate')
const hash = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')

/** A sync of a repository with one package whose repomd.xml lists these files too: type → name and bytes. */
async function synced(listed: Readonly<Record<string, readonly [string, Buffer]>>, config: JsonObject = {}) {
  const records = Object.entries(listed).map(
    ([
      type,
      [href, bytes],
    ]) => `<data type="${escapeAttribute(type)}"><checksum type="sha1">${hash('sha1', bytes)}</checksum>
      <open-checksum type="md5">00ff</open-checksum><location href="${href}"/><timestamp>1600000000</timestamp>
      <size>${bytes.length}</size><open-size>21</open-size></data>`,
  )
  const files = await yumRepository({ packages: [anRpm()], moreRecords: records.join('') })
  const extra = Object.fromEntries(Object.values(listed))
  return new SyncTrial(yumImporter, servedAt(feed, { ...files, ...extra })).run({ feed, ...config })
}

const customOf = ({ units }: Pick<SyncTrial<unknown>, 'units'>) =>
  units.filter(({ type }) => type === 'yum_repo_metadata_file')

async function publishedRecords(trial: SyncTrial<unknown>, config: JsonObject = {}): Promise<readonly RepomdRecord[]> {
  const publish = new PublishTrial(yumDistributor, trial.units)
  await publish.run({ relative_url: 'x', http: true, https: true, ...config })
  return parseRepomd(Buffer.from(publish.text(/repomd/))).records.slice(3)
}

describe('other files of repomd.xml', () => {
  it('are units of their type with the bytes and checksums of upstream', async () => {
    const trial = await synced({ productid: ['repodata/productid.gz', product] })
    const [unit] = customOf(trial)
    const [file] = unit?.files ?? []
    assert.deepEqual(
      [unit?.key, unit?.metadata['checksum'], unit?.metadata['checksum_type']],
      [{ data_type: 'productid' }, hash('sha1', product), 'sha1'],
    )
    assert.deepEqual(Buffer.concat(await Array.fromAsync(file?.content?.() ?? [])), product)
    assert.deepEqual([file?.path, file?.size], ['repodata/productid.gz', product.length])
    assert.ok(trial.complete.includes('yum_repo_metadata_file'))
    assert.deepEqual(trial.problems, [])
  })

  it('are published as they are listed upstream, under their names', async () => {
    const listed = {
      productid: ['repodata/productid.gz', product],
      'x-&"': ['other/ab-x.zck', Buffer.from('x')],
    } as const
    const records = await publishedRecords(await synced(listed))
    const digests = {
      checksum: { algorithm: 'sha1', value: hash('sha1', product) },
      openChecksum: { algorithm: 'md5', value: '00ff' },
    }
    const sizes = { size: product.length, openSize: 21, timestamp: 1_600_000_000 }
    assert.deepEqual(records[0], { type: 'productid', href: 'repodata/productid.gz', ...digests, ...sizes })
    assert.deepEqual([records[1]?.type, records[1]?.href], ['x-&"', 'repodata/ab-x.zck'])
  })

  it('are not those that are read, made anew, or databases of them', async () => {
    const none = [
      'primary_db',
      'other_zck',
      'group_gz',
      'group',
      'updateinfo',
      'modules',
      'prestodelta',
      '',
      'x\n',
      'updateinfo_zck',
    ]
    for (const type of none) assert.ok(!isCustomType(type), type)
    for (const type of ['productid', 'susedata', 'susedata.de', 'primary-ext', 'groups'])
      assert.ok(isCustomType(type), type)
    const trial = await synced({
      primary_db: ['repodata/p.sqlite.gz', product],
      filelists_zck: ['repodata/f.zck', product],
    })
    assert.deepEqual([customOf(trial), trial.requests.filter((url) => /sqlite|zck/.test(url))], [[], []])
  })

  it('are neither fetched nor published when they are to be skipped', async () => {
    const listed = { productid: ['repodata/productid.gz', product] } as const
    const skipped = await synced(listed, { type_skip_list: ['yum_repo_metadata_file'] })
    assert.deepEqual([customOf(skipped), skipped.requests.filter((url) => url.includes('productid'))], [[], []])
    assert.deepEqual(await publishedRecords(await synced(listed), { skip: ['yum_repo_metadata_file'] }), [])
  })

  it('get another name where theirs is taken, and none is a problem', async () => {
    const trial = await synced({
      one: ['a/x.gz', product],
      two: ['b/x.gz', Buffer.from('two')],
      three: ['c/ab12-primary.xml.gz', Buffer.from('three')],
      four: ['d/', Buffer.from('four')],
    })
    assert.deepEqual(
      customOf(trial)
        .map(({ files }) => files[0]?.path)
        .sort(),
      ['repodata/three-ab12-primary.xml.gz', 'repodata/two-x.gz', 'repodata/x.gz'],
    )
    assert.deepEqual(
      trial.problems.map(({ name }) => name),
      ['four'],
    )
  })

  it('stand where a publication makes nothing itself, and are found there', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('repomd.xml', 'repomd.xml.asc', '0a-modules.yaml.gz', 'a/../b', 'primary.xml'),
    )
    fc.assert(
      fc.property(name, name, (href, type) => {
        const path = customMetadataPath(href, type)
        if (path === undefined) return
        assert.ok(!isGeneratedMetadata(path))
        for (const layout of [flatLayout, packagesLayout]) assert.equal(layout.locate(layout.place(path)), path)
      }),
    )
  })
})

describe('an upload of custom metadata', () => {
  async function upload(bytes: Uint8Array, key: JsonObject, metadata: JsonObject = {}) {
    const read = async function* (range = { start: 0, end: bytes.length - 1 }) {
      yield bytes.subarray(range.start, range.end + 1)
    }
    const { signal } = new AbortController()
    const file = { size: bytes.length, read }
    const { units } = await uploadCustomMetadata({ repository: { id: 'r' }, key, metadata, file, signal })
    const [unit] = units
    assert.ok(unit !== undefined)
    return { key: unit.key, checksum: unit.metadata['checksum'], path: unit.files[0]?.path }
  }
  const refuses = (upload: Promise<unknown>, fields: readonly string[], code?: string) =>
    assert.rejects(upload, (error) => {
      assert.ok(error instanceof DeckleError && error.kind === 'invalid', String(error))
      assert.deepEqual([error.details.fields ?? [], error.details.code], [fields, code])
      return true
    })

  it('is a unit of the type that it names', async () => {
    const made = { key: { data_type: 'productid' }, checksum: hash('sha256', product) }
    assert.deepEqual(await upload(product, { data_type: 'productid', repo_id: 'r' }), {
      ...made,
      path: 'repodata/productid.gz',
    })
    const metadata = { checksum_type: 'sha1', checksum: hash('sha1', product).toUpperCase(), filename: 'pem' }
    const named = { ...made, checksum: hash('sha1', product), path: 'repodata/pem' }
    assert.deepEqual(await upload(product, { data_type: 'productid' }, metadata), named)
    assert.equal((await upload(Buffer.from('x'), { data_type: 'a b/c' })).path, 'repodata/a_b_c')
  })

  it('is refused when its type is not free, or something else is wrong', async () => {
    await refuses(upload(product, { data_type: 'primary' }), ['data_type'])
    await refuses(upload(product, {}), ['data_type'])
    await refuses(upload(product, { data_type: 'x', repo_id: 'other' }), ['repo_id'])
    await refuses(upload(product, { data_type: 'x' }, { checksum: 'ab' }), [], 'PLP1013')
    await refuses(upload(product, { data_type: 'x' }, { checksum_type: 'crc' }), ['checksum_type'])
    await refuses(upload(product, { data_type: 'x' }, { filename: '../x', other: 1 }), ['other', 'filename'])
    await refuses(upload(Buffer.alloc(0), { data_type: 'x' }), ['upload_id'])
  })
})

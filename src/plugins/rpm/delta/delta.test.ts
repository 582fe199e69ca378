import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { DeckleError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { rpmTags } from '../../../formats/rpm/rpm-tags.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, yumRepository } from '../../../testing/repodata.ts'
import { packageTags, rpmFile } from '../../../testing/rpm-file.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'
import { toDeltaUnit } from './delta-unit.ts'
import { readDeltaPackage } from './read-delta-package.ts'
import { uploadDelta } from './upload-delta.ts'

const feed = 'http://upstream.test/r/'
const sum = 'ab'.repeat(32)

const delta = (fileName: string, old = 'oldepoch="0" oldversion="1" oldrelease="1"', type = 'sha256', checksum = sum) =>
  `<delta ${old}><filename>${fileName}</filename><sequence>bear-1-1-00ff</sequence><size>123</size>
    <checksum type="${type}">${checksum}</checksum></delta>`
const bear = (...deltas: string[]) =>
  `<newpackage name="bear" epoch="3" version="2" release="1" arch="noarch">${deltas.join('')}</newpackage>`
const prestodelta = (...packages: string[]) =>
  `<?xml version="1.0"?>\n<prestodelta>${packages.join('\n')}</prestodelta>`

async function synced(text: string, config: JsonObject = {}) {
  const packed = gzipSync(text)
  const files = await yumRepository({
    packages: [anRpm()],
    moreRecords: '<data type="prestodelta"><location href="repodata/p.xml.gz"/></data>',
  })
  return new SyncTrial(yumImporter, servedAt(feed, { ...files, 'repodata/p.xml.gz': packed })).run({ feed, ...config })
}

const deltasOf = ({ units }: Pick<SyncTrial<unknown>, 'units'>) => units.filter(({ type }) => type === 'drpm')

async function published(
  trial: Pick<SyncTrial<unknown>, 'units'>,
  config: JsonObject = {},
): Promise<string | undefined> {
  const publish = new PublishTrial(yumDistributor, trial.units)
  await publish.run({ relative_url: 'x', http: true, https: true, ...config })
  const [file] = [...publish.files]
    .filter(([path]) => path.includes('prestodelta'))
    .map(([, bytes]) => gunzipSync(bytes))
  return file?.toString()
}

describe('the deltas of an upstream', () => {
  it('are units with a file each', async () => {
    const trial = await synced(prestodelta(bear(delta('drpms/bear-1-1_2-1.noarch.drpm'))))
    const [unit] = deltasOf(trial)
    const key = {
      epoch: '3',
      version: '2',
      release: '1',
      filename: 'drpms/bear-1-1_2-1.noarch.drpm',
      checksumtype: 'sha256',
      checksum: sum,
    }
    assert.deepEqual(unit, {
      type: 'drpm',
      key,
      metadata: {
        ...key,
        new_package: 'bear',
        arch: 'noarch',
        oldepoch: '0',
        oldversion: '1',
        oldrelease: '1',
        sequence: 'bear-1-1-00ff',
        size: 123,
      },
      files: [
        {
          path: key.filename,
          size: 123,
          digests: [{ algorithm: 'sha256', value: sum }],
          urls: [`${feed}drpms/bear-1-1_2-1.noarch.drpm`],
        },
      ],
    })
    assert.deepEqual([trial.expected['drpm'], trial.problems], [1, []])
    assert.ok(trial.complete.includes('drpm'))
    const { content } = yumImporter.describe(trial.progress()).report as { content: { details: object } }
    assert.deepEqual(content.details, { rpm_total: 1, rpm_done: 1, drpm_total: 1, drpm_done: 1 })
  })

  it('lie below drpms wherever they lay upstream, and are taken once', async () => {
    const trial = await synced(
      prestodelta(bear(delta('far/away/x.drpm'), delta('x.drpm')), bear(delta('drpms/x.drpm'))),
    )
    assert.deepEqual(
      deltasOf(trial).map(({ key, files }) => [key['filename'], files[0]?.urls]),
      [['drpms/x.drpm', [`${feed}far/away/x.drpm`]]],
    )
  })

  it('are read from deltainfo too, where nothing else lists them, and published as prestodelta', async () => {
    const list = prestodelta(bear(delta('rpms/x86_64/bear-1-1_2-1.noarch.drpm')))
    const record = (type: string) => `<data type="${type}"><location href="repodata/${type}.xml"/></data>`
    const trialOf = async (...types: string[]) => {
      const files = await yumRepository({ packages: [anRpm()], moreRecords: types.map(record).join('') })
      const lists = types.map((type) => [`repodata/${type}.xml`, Buffer.from(list.replaceAll('prestodelta', type))])
      return new SyncTrial(yumImporter, servedAt(feed, { ...files, ...Object.fromEntries(lists) })).run({ feed })
    }
    const trial = await trialOf('deltainfo')
    assert.deepEqual(
      deltasOf(trial).map(({ files }) => [files[0]?.path, files[0]?.urls[0]]),
      [['drpms/bear-1-1_2-1.noarch.drpm', `${feed}rpms/x86_64/bear-1-1_2-1.noarch.drpm`]],
    )
    assert.ok(!trial.units.some(({ type }) => type === 'yum_repo_metadata_file'))
    assert.match((await published(trial)) ?? '', /<filename>drpms\/bear-1-1_2-1.noarch.drpm</)
    const both = await trialOf('prestodelta', 'deltainfo')
    assert.equal(deltasOf(both).length, 1)
    assert.ok(!both.requests.some((url) => url.endsWith('deltainfo.xml')))
  })

  it('are a problem each that cannot be used, and the others are mirrored', async () => {
    const bad = [
      delta(''),
      delta('a/'),
      delta('x', 'oldversion="1"'),
      delta('y', undefined, 'crc'),
      delta('z', undefined, 'md5'),
    ]
    const trial = await synced(prestodelta(bear(...bad, delta('good.drpm')), '<newpackage><delta/></newpackage>'))
    assert.deepEqual(
      deltasOf(trial).map(({ key }) => key['filename']),
      ['drpms/good.drpm'],
    )
    const codes = ['malformed', 'malformed', 'malformed', 'checksum_type_unknown', 'malformed', 'malformed']
    assert.deepEqual(
      trial.problems.map(({ code }) => code),
      codes,
    )
  })

  it('fail the sync when the list cannot be read, and are left alone when they are to be skipped', async () => {
    for (const text of ['', '<prestodelta>', '<other/>']) await assert.rejects(synced(text), /could not be parsed/)
    const skipped = await synced('', { type_skip_list: ['drpm'] })
    assert.ok(!skipped.requests.some((url) => url.includes('p.xml')))
  })
})

describe('published deltas', () => {
  it('are listed below what they make, as they were listed upstream', async () => {
    const lion = bear(delta('drpms/lion.drpm')).replace('bear', 'lion')
    const trial = await synced(prestodelta(bear(delta('drpms/a.drpm'), delta('drpms/b.drpm')), lion))
    const text = await published(trial)
    assert.equal(text?.match(/<newpackage /g)?.length, 2)
    const again = await synced(text ?? '')
    assert.deepEqual(deltasOf(again), deltasOf(trial))
    assert.equal(await published(again), text)
  })

  it('are the same when they were printed and read', async () => {
    const text = fc.constantFrom('a', '1.0~rc1^git', '<&>"größe\'', 'x y').map((one) => `${one}_`)
    const number = fc.constantFrom('0', '7')
    const name = fc.constantFrom('a', 'b')
    const fields = { version: text, release: text, arch: text, oldVersion: text, oldRelease: text, sequence: text }
    const one = fc.record({ name, epoch: number, oldEpoch: number, ...fields }, { noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 5 }), async (deltas) => {
        const units = deltas.map((delta, index) => {
          const path = `drpms/${index}.drpm`
          return toDeltaUnit(delta, { algorithm: 'sha256', value: sum }, { path, size: index, urls: [feed + path] })
        })
        const trial = await synced((await published({ units })) ?? '')
        const byFile = (all: readonly DiscoveredUnit[]) => new Map(all.map((unit) => [unit.files[0]?.path, unit]))
        assert.deepEqual(byFile(deltasOf(trial)), byFile(units))
      }),
      { numRuns: 30 },
    )
  })

  it('are left out when there are none, or when they are to be skipped', async () => {
    const trial = await synced(prestodelta(bear(delta('drpms/a.drpm'))))
    assert.equal(await published(trial, { skip: ['drpm'] }), undefined)
    assert.equal(await published(await synced(prestodelta())), undefined)
  })
})

/** A file as makedeltarpm writes it: the header of the new package, and a payload that begins with what the older one is. */
function deltaPackage(source = 'bear-3:1-1', pack: (bytes: Buffer) => Buffer = gzipSync, magic = 'DLT3'): Buffer {
  const sized = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const parts = [
    Buffer.from(magic),
    sized(Buffer.from(`${source}\0`)),
    sized(Buffer.from('00ff', 'hex')),
    Buffer.alloc(99),
  ]
  return rpmFile({ header: deltaTags, payload: pack(Buffer.concat(parts)) })
}

const deltaTags = packageTags([[rpmTags.payloadFormat, 'drpm']])

describe('an upload of a delta package', () => {
  async function upload(bytes: Buffer, metadata: JsonObject = {}) {
    const read = async function* (range = { start: 0, end: bytes.length - 1 }) {
      for (let at = range.start; at <= range.end; at += 50) yield bytes.subarray(at, Math.min(at + 50, range.end + 1))
    }
    const { signal } = new AbortController()
    return (
      await uploadDelta({
        config: { signatures: undefined },
        key: {},
        metadata,
        file: { size: bytes.length, read },
        signal,
      })
    ).units[0]
  }
  const refuses = (upload: Promise<unknown>, code: string | undefined, reason: RegExp) =>
    assert.rejects(upload, (error) => {
      assert.ok(error instanceof DeckleError && error.kind === 'invalid', String(error))
      assert.equal(error.details.code, code)
      return reason.test(error.message)
    })

  it('is read from the file, whatever its payload is compressed with', async () => {
    for (const pack of [gzipSync, zstdCompressSync, (bytes: Buffer) => bytes]) {
      const bytes = deltaPackage(undefined, pack)
      const unit = await upload(bytes)
      const { checksum, new_package: name, oldepoch, oldversion, oldrelease, sequence } = unit?.metadata ?? {}
      assert.deepEqual(
        { checksum, oldepoch, oldversion, oldrelease, sequence },
        {
          checksum: createHash('sha256').update(bytes).digest('hex'),
          oldepoch: '3',
          oldversion: '1',
          oldrelease: '1',
          sequence: 'bear-3:1-1-00ff',
        },
      )
      assert.match(unit?.files[0]?.path ?? '', new RegExp(`^drpms/${String(name)}-1-1_.+\\.drpm$`))
    }
    assert.equal((await upload(deltaPackage(), { filename: 'drpms/x.drpm' }))?.files[0]?.path, 'drpms/x.drpm')
  })

  it('is refused when it is none, or not what the client says', async () => {
    await refuses(upload(Buffer.from('text')), 'RPM1016', /no RPM/)
    await refuses(upload(Buffer.alloc(0)), 'RPM1016', /nothing/)
    await refuses(upload(rpmFile({ header: packageTags() })), 'RPM1016', /not a delta/)
    await refuses(upload(deltaPackage('nothing')), 'RPM1016', /what it is a delta to/)
    await refuses(upload(deltaPackage('bear-1-1', undefined, 'ABCD')), 'RPM1016', /payload/)
    await refuses(upload(deltaPackage().subarray(0, -100)), 'RPM1016', /cut off/)
    await refuses(upload(deltaPackage(), { checksum: 'ab' }), 'PLP1013', /not ab/)
    await refuses(upload(deltaPackage(), { filename: 'a/x.drpm' }), undefined, /filename/)
    await refuses(upload(deltaPackage(), { sequence: 'x' }), undefined, /sequence is read/)
  })

  it('is read or refused, whatever stands in its payload', async () => {
    const part = fc.constantFrom(
      ...['DLT3', '\0\0\0\x05', '\0\0\0\0', 'a-1-1', '\x1f\x8b\x08', '\xff\xff\xff\xff', '\x28\xb5\x2f\xfd'],
    )
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.array(part).map((parts) => Buffer.from(parts.join(''), 'latin1')),
    )
    await fc.assert(
      fc.asyncProperty(payload, async (payload) => {
        const bytes = rpmFile({ header: deltaTags, payload: Buffer.from(payload) })
        async function* open(from: number) {
          yield bytes.subarray(from)
        }
        await readDeltaPackage(open).catch((error) => assert.ok(error instanceof FormatError, String(error)))
      }),
    )
  })
})

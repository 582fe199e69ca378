import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { DeckleError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import { clientCertificate, clientKey, serverCertificate } from '../../testing/certificates.ts'
import { PublishTrial } from '../../testing/publish-run.ts'
import { anRpm, packageXml, servedAt, type TestPackage, yumRepository } from '../../testing/repodata.ts'
import { SyncTrial } from '../../testing/sync-run.ts'
import { parseRepomd } from './metadata/repomd.ts'
import { yumDistributor } from './yum-distributor.ts'
import { yumImporter } from './yum-importer.ts'

const base = 'http://upstream.test/'
const required = { relative_url: 'zoo', http: true, https: true }

async function unitsOf(packages: readonly TestPackage[]) {
  const files = servedAt(base, await yumRepository({ packages }))
  return (await new SyncTrial(yumImporter, files).run({ feed: base })).units
}

async function publish(packages: readonly TestPackage[], config: JsonObject = {}) {
  return new PublishTrial(yumDistributor, await unitsOf(packages)).run({ ...required, ...config })
}

function openText(trial: PublishTrial<never> | Awaited<ReturnType<typeof publish>>, file: string): string {
  const found = [...trial.files].find(([path]) => path.endsWith(`-${file}.xml.gz`)) ?? assert.fail(`no ${file}`)
  return gunzipSync(found[1]).toString()
}

describe('a published yum repository', () => {
  const packages = [anRpm({ name: 'bear' }), anRpm({ name: 'cat', arch: 'src' }), anRpm({ name: 'dog' })]

  it('holds each package as upstream described it', async () => {
    const trial = await publish(packages)
    for (const file of ['primary', 'filelists', 'other'] as const) {
      assert.equal(openText(trial, file), `${packageXml(file, packages)}\n`)
    }
  })

  it('ends with a repomd.xml that describes the other files', async () => {
    const trial = await publish(packages)
    const paths = [...trial.files.keys()]
    assert.equal(paths.at(-1), 'repodata/repomd.xml')
    const { revision, records } = parseRepomd(trial.files.get('repodata/repomd.xml') ?? assert.fail())
    assert.equal(revision, '1700000000')
    assert.deepEqual(
      records.map(({ type, href }) => [type, href]),
      [
        ['primary', paths[0]],
        ['filelists', paths[1]],
        ['other', paths[2]],
      ],
    )
    for (const record of records) {
      const packed = trial.files.get(record.href) ?? assert.fail()
      const open = gunzipSync(packed)
      const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
      assert.deepEqual([record.checksum?.value, record.openChecksum?.value], [sha256(packed), sha256(open)])
      assert.deepEqual([record.size, record.openSize, record.timestamp], [packed.length, open.length, 1_700_000_000])
    }
  })

  it('can be synced again, and gives the same units', async () => {
    const units = await unitsOf([anRpm({ name: 'a', href: 'deep/a^1~2.rpm', base: 'http://cdn.test/' }), ...packages])
    for (const config of [{}, { packages_directory: true }, { checksum_type: 'md5' }]) {
      const { files } = await new PublishTrial(yumDistributor, units).run({ ...required, ...config })
      const again = await new SyncTrial(yumImporter, servedAt(base, Object.fromEntries(files))).run({ feed: base })
      const without = (list: typeof units) =>
        list.map(({ files: [file], ...unit }) => ({ ...unit, file: { ...file, urls: [] } }))
      assert.deepEqual(without(again.units), without(units))
    }
  })

  it('is the same bytes for the same packages, whatever order they came in', async () => {
    const [one, two] = [await publish(packages), await publish(packages.toReversed())]
    assert.deepEqual([...two.files], [...one.files])
  })

  it('names its files by the checksum that the config asks for', async () => {
    for (const [asked, algorithm, length] of [
      ['md5', 'md5', 32],
      ['sha', 'sha1', 40],
      ['sha512', 'sha512', 128],
    ] as const) {
      const { files } = await publish(packages, { checksum_type: asked })
      const { records } = parseRepomd(files.get('repodata/repomd.xml') ?? assert.fail())
      for (const { checksum, href } of records) {
        const value = createHash(algorithm)
          .update(files.get(href) ?? assert.fail())
          .digest('hex')
        assert.deepEqual([checksum, value.length], [{ algorithm, value }, length])
        assert.ok(href.startsWith(`repodata/${value}-`))
      }
    }
  })

  it('points to packages where the layout has them', async () => {
    const trial = await publish([anRpm({ name: 'Bear & co', href: 'x/Bear & co.rpm' })], { packages_directory: true })
    assert.match(openText(trial, 'primary'), /\n {2}<location href="Packages\/b\/Bear &amp; co.rpm"\/>\n/)
    assert.equal(
      yumDistributor.layout(yumDistributor.config.parse({ ...required, packages_directory: true })),
      'rpm-packages-1',
    )
    assert.equal(yumDistributor.layout(yumDistributor.config.parse(required)), 'rpm-flat-1')
  })

  it('leaves out the types of the skip list', async () => {
    const trial = await publish(packages, { skip: ['srpm', 'erratum'] })
    assert.equal(
      openText(trial, 'primary'),
      `${packageXml('primary', [anRpm({ name: 'bear' }), anRpm({ name: 'dog' })])}\n`,
    )
  })

  it('is complete without any package', async () => {
    const trial = await publish([])
    assert.equal(trial.files.size, 4)
    assert.equal(openText(trial, 'primary'), `${packageXml('primary', [])}\n`)
  })

  it('is refused when a package has no data to publish', async () => {
    const [unit] = await unitsOf([anRpm()])
    const trial = new PublishTrial(yumDistributor, [{ ...(unit ?? assert.fail()), documents: {} }])
    await assert.rejects(trial.run(required), /bear-4.1-1.noarch.rpm cannot be published/)
  })
})

describe('the report of a yum publish', () => {
  const types = (list: unknown) =>
    (list as { step_type: string; state: string }[]).map(({ step_type: type, state }) => [type, state])

  it('lists the steps in the order of the original, each with an id', async () => {
    const trial = await publish([anRpm()])
    for (const step of trial.steps) if (step.state === 'in-progress') step.state = 'finished'
    const { report, summary, details } = yumDistributor.describe(trial.progress())
    assert.deepEqual(types(report), [
      ['initialize_repo_metadata', 'FINISHED'],
      ['distribution', 'FINISHED'],
      ['rpms', 'FINISHED'],
      ['drpms', 'SKIPPED'],
      ['errata', 'FINISHED'],
      ['modules', 'FINISHED'],
      ['comps', 'FINISHED'],
      ['metadata', 'FINISHED'],
      ['close_repo_metadata', 'FINISHED'],
      ['generate sqlite', 'SKIPPED'],
      ['repoview', 'SKIPPED'],
      ['publish_directory', 'FINISHED'],
      ['initialize_repo_metadata', 'FINISHED'],
    ])
    assert.deepEqual((report as JsonObject[])[2], {
      step_id: 'id of rpms',
      step_type: 'rpms',
      description: 'Publishing RPMs',
      details: '',
      state: 'FINISHED',
      items_total: 1,
      num_processed: 1,
      num_success: 1,
      num_failures: 0,
      error_details: [],
    })
    const sqlite = (report as JsonObject[]).find((step) => step['step_type'] === 'generate sqlite')
    assert.deepEqual([sqlite?.['items_total'], sqlite?.['num_processed']], [1, 0])
    assert.deepEqual([details, (summary as JsonObject)['rpms']], [report, 'FINISHED'])
  })

  it('tells why the step that was under way failed', async () => {
    const [unit] = await unitsOf([anRpm()])
    const trial = new PublishTrial(yumDistributor, [{ ...(unit ?? assert.fail()), documents: {} }])
    await assert.rejects(trial.run(required))
    for (const step of trial.steps) if (step.state === 'in-progress') step.state = 'failed'
    const report = yumDistributor.describe(trial.progress('failed', 'no data')).report as JsonObject[]
    assert.deepEqual(report[2]?.['error_details'], [{ error: 'no data', traceback: '' }])
    assert.equal(report[7]?.['state'], 'NOT_STARTED')
  })
})

describe('the config of a yum distributor', () => {
  const { parse } = yumDistributor.config
  const fieldsOf = (config: JsonObject): readonly string[] => {
    try {
      parse(config)
      return []
    } catch (error) {
      return error instanceof DeckleError ? (error.details.fields ?? []) : assert.fail(String(error))
    }
  }

  it('needs three keys, which may be null', () => {
    assert.deepEqual(fieldsOf({}), ['relative_url', 'http', 'https'])
    assert.deepEqual(fieldsOf({ relative_url: null, http: null, https: null }), [])
    assert.deepEqual(fieldsOf({ ...required, http: false, https: 'false' }), ['http'])
  })

  it('refuses keys that it does not know, and nulls where they make no sense', () => {
    assert.deepEqual(fieldsOf({ ...required, colour: 'red' }), ['colour'])
    assert.deepEqual(fieldsOf({ ...required, skip: null, protected: null, generate_sqlite: null }), [
      'skip',
      'protected',
      'generate_sqlite',
    ])
  })

  it('accepts what real clients send', () => {
    const sent = {
      ...required,
      repoview: false,
      generate_sqlite: false,
      protected: true,
      auth_ca: null,
      auth_cert: null,
      checksum_type: null,
      gpgkey: 'text',
      skip: ['drpm'],
      force_full: true,
      updateinfo_checksum_type: 'sha1',
    }
    assert.deepEqual(fieldsOf(sent), [])
  })

  it('refuses what it would have to ignore', () => {
    assert.deepEqual(fieldsOf({ ...required, metadata_compression: 'bzip2' }), ['metadata_compression'])
    assert.deepEqual(fieldsOf({ ...required, open_checksum: 'never' }), ['open_checksum'])
    assert.deepEqual(fieldsOf({ ...required, http_publish_dir: '/srv' }), ['http_publish_dir'])
  })

  it('says on which protocols it serves, and protects with both certificates together only', () => {
    const access = (config: JsonObject) => yumDistributor.access?.({ ...required, ...config })
    assert.deepEqual(access({ https: false }), { http: true, https: false, clientAuthority: null })
    assert.deepEqual(access({ http: 'False', https: 'true' }), { http: false, https: true, clientAuthority: null })
    const both = { auth_ca: serverCertificate, auth_cert: `${clientKey}\n${clientCertificate}\n` }
    assert.deepEqual(fieldsOf({ ...required, ...both }), [])
    assert.equal(access(both)?.clientAuthority, serverCertificate)
    for (const one of [{ ...both, auth_ca: null }, { ...both, auth_cert: '' }, { protected: true }])
      assert.equal(access(one)?.clientAuthority, null)
    const wrong = { auth_ca: 'x', auth_cert: `${serverCertificate}\n-----BEGIN CERTIFICATE-----\nno` }
    assert.deepEqual(fieldsOf({ ...required, ...wrong }), ['auth_ca', 'auth_cert'])
  })

  it('refuses wrong values', () => {
    const wrong = {
      relative_url: '/zoo',
      checksum_type: 'crc',
      skip: 'rpm',
      https_ca: 'no pem',
      skip_pkg_tags: 'x',
      remove_old_repodata_threshold: -1,
    }
    for (const [key, value] of Object.entries(wrong)) assert.deepEqual(fieldsOf({ ...required, [key]: value }), [key])
    assert.deepEqual(fieldsOf({ ...required, relative_url: 'a/../b' }), ['relative_url'])
  })

  it('says where the repository is served, and refuses a place that is taken', () => {
    assert.equal(yumDistributor.basePath(parse({ ...required, relative_url: 'os/7/' }), 'zoo'), '/pulp/repos/os/7')
    assert.equal(yumDistributor.basePath(parse({ ...required, relative_url: null }), 'zoo'), '/pulp/repos/zoo')
    const others = [{ repositoryId: 'x', id: 'd', config: { relative_url: 'os' } }]
    assert.throws(
      () => yumDistributor.validate?.(parse({ ...required, relative_url: 'os/7' }), 'zoo', others),
      /conflicts/,
    )
  })
})

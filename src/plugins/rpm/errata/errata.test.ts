import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { parseXml } from '../../../formats/xml.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'
import { type AdvisedPackage, type Advisory, type Collection, suggestions, textFields } from './advisory.ts'
import { erratumType, toAdvisory, toErratumUnit } from './erratum-unit.ts'
import { printAdvisory } from './print-advisory.ts'
import { readAdvisory } from './read-advisory.ts'

const feed = 'http://upstream.test/r/'
const bear = anRpm()
const bearPackage: AdvisedPackage = {
  name: 'bear',
  epoch: '0',
  version: '4.1',
  release: '1',
  arch: 'noarch',
  src: 'bear-4.1-1.src.rpm',
  filename: 'bear-4.1-1.noarch.rpm',
  sum: ['md5', 'x', 'sha256', 'y'],
  reboot_suggested: true,
  relogin_suggested: false,
  restart_suggested: false,
}
const lionPackage: AdvisedPackage = { ...bearPackage, name: 'lion', filename: 'lion-4.1-1.noarch.rpm' }

function aCollection(change: Partial<Collection> = {}): Collection {
  return { name: 'all', short: 'a', packages: [bearPackage], origin: 'trial', ...change }
}

function anAdvisory(change: Partial<Advisory> = {}): Advisory {
  const texts = Object.fromEntries(textFields.map((name) => [name, ''])) as Record<(typeof textFields)[number], string>
  return {
    ...texts,
    id: 'A-1',
    title: 'One <&> "größe"',
    type: 'security',
    updated: '2020-01-01 00:00:00',
    reboot_suggested: false,
    relogin_suggested: false,
    restart_suggested: false,
    references: [{ href: 'http://x.test/?a&b', id: '1', type: 'bugzilla', title: null }],
    pkglist: [aCollection()],
    ...change,
  }
}

const updates = (...list: (Advisory | string)[]) =>
  `<?xml version="1.0"?>\n<updates>${list.map((one) => (typeof one === 'string' ? one : printAdvisory(one))).join('\n')}</updates>`

/** A sync of a repository with the package bear and this updateinfo. */
async function synced(updateinfo: string, change: Partial<SyncTrial<unknown>> = {}, config = {}) {
  const packed = gzipSync(updateinfo)
  const files = await yumRepository({
    packages: [bear],
    moreRecords: `<data type="updateinfo"><location href="repodata/u.xml.gz"/><size>${packed.length}</size></data>`,
  })
  const trial = new SyncTrial(yumImporter, servedAt(feed, { ...files, 'repodata/u.xml.gz': packed }))
  return Object.assign(trial, change).run({ feed, ...config })
}

const errataOf = ({ units }: Pick<SyncTrial<unknown>, 'units'>) =>
  units.filter(({ type }) => type === 'erratum').map(({ metadata, documents = {} }) => toAdvisory(metadata, documents))

async function published(trial: Pick<SyncTrial<unknown>, 'units'>, config = {}): Promise<Advisory[]> {
  const distributor = { relative_url: 'x', http: true, https: true, ...config }
  const { files } = await new PublishTrial(yumDistributor, trial.units).run(distributor)
  const [file] = [...files].filter(([path]) => path.includes('updateinfo')).map(([, bytes]) => gunzipSync(bytes))
  if (file === undefined) return []
  return parseXml(file)
    .children.map((element) => readAdvisory(element, 'trial'))
    .filter((one) => one !== undefined)
}

describe('an advisory', () => {
  it('is the same when it was printed and read, and when it was a unit', () => {
    const text = fc.constantFrom('', 'x', '<&> "größe"\n', '2020-01-01 00:00:00')
    const flags = fc.record(Object.fromEntries(suggestions.map((name) => [name, fc.boolean()])))
    const nullable = fc.option(fc.constantFrom('a', 'b & c'))
    const reference = fc.record(
      { href: nullable, id: nullable, type: nullable, title: nullable },
      { noNullPrototype: true },
    )
    const module = fc.constant({ name: 'm', stream: '1', version: '2', context: 'c', arch: 'noarch' })
    const one = fc
      .tuple(flags, fc.option(fc.constant(['sha256', 'x'])))
      .map(([flags, sum]) => ({ ...bearPackage, ...flags, sum }))
    const collection = fc
      .tuple(text, fc.array(one, { maxLength: 3 }), fc.option(module))
      .map(([name, packages, module]) => aCollection({ name, packages, ...(module !== null && { module }) }))
    const fields = fc.record(Object.fromEntries(textFields.map((name) => [name, text])))
    const lists = fc.record({ references: fc.array(reference), pkglist: fc.array(collection, { maxLength: 3 }) })
    fc.assert(
      fc.property(fields, flags, lists, (fields, flags, lists) => {
        const advisory = anAdvisory({ ...fields, ...flags, ...lists })
        assert.deepEqual(readAdvisory(parseXml(printAdvisory(advisory)), 'trial'), advisory)
        const { metadata, documents = {} } = toErratumUnit(advisory)
        assert.deepEqual(toAdvisory(metadata, documents), advisory)
      }),
    )
  })

  it('is shown to clients without whence its collections came', () => {
    const { documents = {} } = toErratumUnit(anAdvisory())
    const { origin: _, ...collection } = aCollection()
    assert.deepEqual(erratumType.derivedFields?.['pkglist']?.(documents, {}), [collection])
    assert.deepEqual(erratumType.derivedFields?.['references']?.(documents, {}), anAdvisory().references)
  })
})

describe('the errata of an upstream', () => {
  it('are units, listed whole', async () => {
    const trial = await synced(updates(anAdvisory(), anAdvisory({ id: 'A-2' })))
    assert.deepEqual(errataOf(trial), [anAdvisory(), anAdvisory({ id: 'A-2' })])
    assert.deepEqual([trial.complete.includes('erratum'), trial.problems], [true, []])
    assert.deepEqual([trial.expected['erratum'], trial.parts['errata']?.state], [2, 'finished'])
  })

  it('are joined where an id is there twice', async () => {
    const second = anAdvisory({
      pkglist: [aCollection({ name: 'more' })],
      updated: '2021-01-01 00:00:00',
      title: 'new',
    })
    const trial = await synced(updates(anAdvisory(), second))
    assert.deepEqual(errataOf(trial), [{ ...second, pkglist: [aCollection(), aCollection({ name: 'more' })] }])
  })

  it('keep what only one of two of an id refers to and suggests', async () => {
    const [one] = anAdvisory().references
    const other = { href: null, id: '2', type: 'cve', title: 'Two' }
    const references = one === undefined ? [] : [other, one]
    const second = anAdvisory({ references, pkglist: [aCollection({ name: 'more' })] })
    const trial = await synced(updates(anAdvisory({ reboot_suggested: true }), second))
    const [joined] = errataOf(trial)
    assert.deepEqual(joined?.references, [one, other])
    assert.deepEqual([joined?.reboot_suggested, joined?.restart_suggested], [true, false])
  })

  it('are not fetched when they are to be skipped, and skipped when there are none', async () => {
    const skipped = await synced(updates(anAdvisory()), {}, { type_skip_list: ['erratum'] })
    assert.ok(!skipped.requests.some((url) => url.includes('u.xml')))
    assert.deepEqual([skipped.complete.includes('erratum'), skipped.parts['errata']?.state], [false, 'skipped'])
    const without = await new SyncTrial(yumImporter, servedAt(feed, await yumRepository({ packages: [bear] }))).run({
      feed,
    })
    assert.deepEqual([without.complete.includes('erratum'), without.parts['errata']?.state], [true, 'skipped'])
  })

  it('are a problem each without an id, and the others are mirrored', async () => {
    const trial = await synced(updates('<update><title>x</title></update>', anAdvisory()))
    assert.deepEqual([errataOf(trial).length, trial.problems.map(({ reason }) => reason)], [1, ['it has no usable id']])
  })

  it('fail the sync when they cannot be read', async () => {
    for (const text of ['<updates>', '<updates><update></updates>', '<other/>', ''])
      await assert.rejects(synced(text), /RPM1006|could not be parsed/, text)
  })

  it('keep the collections that came in other ways, and no former ones of the same upstream', async () => {
    const uploaded = aCollection({ name: 'uploaded', origin: 'upload:trial' })
    const held = anAdvisory({ pkglist: [aCollection({ name: 'former' }), uploaded] })
    const trial = await synced(updates(anAdvisory()), { held: [toErratumUnit(held)] })
    assert.deepEqual(errataOf(trial)[0]?.pkglist, [uploaded, aCollection()])
  })

  it('keep their texts when what is held was updated later', async () => {
    const copied = aCollection({ origin: 'another' })
    const held = (updated: string) => [toErratumUnit(anAdvisory({ title: 'held', updated, pkglist: [copied] }))]
    const titleAfter = async (updated: string) =>
      errataOf(await synced(updates(anAdvisory({ title: 'new' })), { held: held(updated) }))[0]?.title
    assert.equal(await titleAfter('2020-01-01 00:00:01'), 'held')
    assert.equal(await titleAfter('2020-01-02'), 'held')
    assert.equal(await titleAfter('2020-01-01 00:00:00'), 'new')
    assert.equal(await titleAfter('1577836799'), 'new')
    assert.equal(await titleAfter('someday'), 'new')
  })
})

describe('published errata', () => {
  it('name the packages that are published, and stay without any', async () => {
    const both = anAdvisory({ pkglist: [aCollection({ packages: [bearPackage, lionPackage] })] })
    const none = anAdvisory({ id: 'A-2', pkglist: [aCollection({ packages: [lionPackage] })] })
    const trial = await synced(updates(none, both))
    assert.deepEqual(await published(trial), [anAdvisory(), { ...none, pkglist: [aCollection({ packages: [] })] }])
  })

  it('find a package that is listed without its epoch', async () => {
    const advisory = anAdvisory({ pkglist: [aCollection({ packages: [{ ...bearPackage, epoch: null }] })] })
    assert.equal((await published(await synced(updates(advisory))))[0]?.pkglist[0]?.packages.length, 1)
  })

  it('have collections of the same files once', async () => {
    const again = aCollection({ name: 'again', packages: [bearPackage, lionPackage] })
    const module = { name: 'm', stream: '1', version: '2', context: 'c', arch: 'noarch' }
    const modular = aCollection({ name: 'modular', module })
    const trial = await synced(updates(anAdvisory({ pkglist: [aCollection(), again, modular] })))
    assert.deepEqual(
      (await published(trial))[0]?.pkglist.map(({ name }) => name),
      ['all', 'modular'],
    )
  })

  it('keep collections of different packages whose files are not named', async () => {
    const nameless = { ...bearPackage, filename: '' }
    const second = { ...nameless, version: '4.2' }
    const pkglist = [nameless, second].map((one) => aCollection({ name: one.version, packages: [one] }))
    const trial = await synced(updates(anAdvisory({ pkglist })))
    const newer = (await synced(updates(), {}, {})).units.filter(({ type }) => type === 'rpm')
    assert.equal(newer.length, 1)
    const [unit] = newer
    if (unit !== undefined)
      trial.units.push({
        ...unit,
        key: { ...unit.key, version: '4.2' },
        metadata: { ...unit.metadata, version: '4.2' },
      })
    assert.deepEqual(
      (await published(trial))[0]?.pkglist.map(({ name }) => name),
      ['4.1', '4.2'],
    )
  })

  it('are left out when they are to be skipped, with the kind of checksum that is asked for', async () => {
    const trial = await synced(updates(anAdvisory()))
    assert.deepEqual(await published(trial, { skip: ['erratum'] }), [])
    const config = { relative_url: 'x', http: true, https: true, updateinfo_checksum_type: 'sha1' }
    const repomd = (await new PublishTrial(yumDistributor, trial.units).run(config)).text(/repomd/)
    assert.match(repomd, /<data type="updateinfo">\s*<checksum type="sha1">/)
    assert.match(repomd, /<data type="primary">\s*<checksum type="sha256">/)
  })
})

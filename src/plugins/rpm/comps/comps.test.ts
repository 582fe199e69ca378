import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { parseXml } from '../../../formats/xml.ts'
import { canonicalXml } from '../../../testing/canonical-xml.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'
import { compsTypes, groupType } from './comps-types.ts'

const feed = 'http://upstream.test/r/'
const distributor = { relative_url: 'x', http: true, https: true }

const tools = `<group arch="x86_64">
    <id>tools</id><name>Tools</name><name xml:lang="de">Werkzeuge &amp; <![CDATA[<mehr>]]></name>
    <description>What one needs</description><description xml:lang="de">Was man braucht</description>
    <default>True</default><uservisible>false</uservisible><langonly>de</langonly><display_order>7</display_order>
    <packagelist><!-- a comment -->
      <packagereq>hammer</packagereq><packagereq type="mandatory" basearchonly="true">saw</packagereq>
      <packagereq type="default">axe</packagereq><packagereq type="optional">file</packagereq>
      <packagereq type="conditional" requires="wood">plane</packagereq><packagereq type="odd">what</packagereq>
    </packagelist><biarchonly>true</biarchonly></group>`
const games = '<group><id>games</id><name xml:lang="de">Spiele</name><name/><packagelist/></group>'
const all = '<category><id>all</id><name>All</name><grouplist><groupid>games</groupid></grouplist></category>'
const desk = `<environment><id>desk</id><name>Desk</name><display_order>3</display_order><grouplist><groupid>tools</groupid></grouplist>
  <optionlist><groupid default="true">games</groupid><groupid>more</groupid></optionlist></environment>`
const langpacks = '<langpacks><match name="bear" install="bear-%s"/></langpacks>'

const comps = (...elements: string[]) =>
  `<?xml version="1.0"?><!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
  <comps>${elements.join('\n')}<blacklist><package name="x"/></blacklist></comps>`
const everything = comps(tools, games, all, desk, langpacks)

interface Files {
  /** Type in repomd.xml → name and bytes. */
  readonly [type: string]: readonly [name: string, bytes: Buffer]
}

async function trialOf(listed: Files): Promise<SyncTrial<unknown>> {
  const records = Object.entries(listed).map(
    ([type, [name, bytes]]) =>
      `<data type="${type}"><location href="repodata/${name}"/><size>${bytes.length}</size></data>`,
  )
  const files = await yumRepository({ packages: [anRpm()], moreRecords: records.join('') })
  const more = Object.values(listed).map(([name, bytes]) => [`repodata/${name}`, bytes] as const)
  return new SyncTrial(yumImporter, servedAt(feed, { ...files, ...Object.fromEntries(more) }))
}

async function synced(text: string, held: readonly DiscoveredUnit[] = [], config = {}): Promise<SyncTrial<unknown>> {
  const trial = await trialOf({ group: ['c.xml', Buffer.from(text)] })
  trial.held = held
  return trial.run({ feed, ...config })
}

const compsOf = ({ units }: Pick<SyncTrial<unknown>, 'units'>) =>
  units.filter(({ type }) => compsTypes.some(({ id }) => id === type))
const namesIn = (units: readonly DiscoveredUnit[]) => units.map(({ type, key }) => [type, key['id']])
const unitOf = (trial: SyncTrial<unknown>, type: string) => compsOf(trial).find((unit) => unit.type === type)

async function published(units: readonly DiscoveredUnit[], config = {}): Promise<string> {
  const { files } = await new PublishTrial(yumDistributor, units).run({ ...distributor, ...config })
  const [text = ''] = [...files].filter(([path]) => path.includes('comps')).map(([, bytes]) => String(bytes))
  return text
}

describe('the groups of an upstream', () => {
  it('are units with the fields that clients know', async () => {
    const trial = await synced(everything)
    const { position: _, ...metadata } = unitOf(trial, 'package_group')?.metadata ?? {}
    assert.deepEqual(metadata, {
      id: 'tools',
      name: 'Tools',
      description: 'What one needs',
      default: true,
      user_visible: false,
      langonly: 'de',
      display_order: 7,
      mandatory_package_names: ['hammer', 'saw'],
      default_package_names: ['axe'],
      optional_package_names: ['file'],
      conditional_package_names: [['plane', 'wood']],
    })
    const games = compsOf(trial).find(({ key }) => key['id'] === 'games')?.metadata
    assert.deepEqual([games?.['default'], games?.['user_visible'], games?.['display_order']], [false, true, 1024])
    assert.equal(games?.['name'], undefined)
    const documents = unitOf(trial, 'package_group')?.documents ?? {}
    assert.deepEqual(groupType.derivedFields?.['translated_name']?.(documents, {}), { de: 'Werkzeuge & <mehr>' })
    assert.deepEqual(groupType.derivedFields?.['translated_description']?.(documents, {}), { de: 'Was man braucht' })
  })

  it('come with categories, environments and language packs, listed whole', async () => {
    const trial = await synced(everything)
    assert.deepEqual(namesIn(compsOf(trial)), [
      ['package_group', 'tools'],
      ['package_group', 'games'],
      ['package_category', 'all'],
      ['package_environment', 'desk'],
      ['package_langpacks', undefined],
    ])
    const { position: _, ...category } = unitOf(trial, 'package_category')?.metadata ?? {}
    assert.deepEqual(category, { id: 'all', name: 'All', display_order: 1024, packagegroupids: ['games'] })
    const { position: __, ...environment } = unitOf(trial, 'package_environment')?.metadata ?? {}
    const options = [
      { group: 'games', default: true },
      { group: 'more', default: false },
    ]
    assert.deepEqual(environment, { id: 'desk', name: 'Desk', display_order: 3, group_ids: ['tools'], options })
    assert.deepEqual(unitOf(trial, 'package_langpacks')?.metadata['matches'], [{ name: 'bear', install: 'bear-%s' }])
    assert.deepEqual(
      [trial.parts['comps']?.state, trial.expected['package_group'], trial.problems],
      ['finished', 2, []],
    )
    for (const unit of compsOf(trial)) assert.ok(trial.complete.includes(unit.type))
  })

  it('are those of the last element where an id is there twice', async () => {
    const trial = await synced(comps(games, tools, games.replace('<name/>', '<name>Last</name>')))
    assert.deepEqual(
      compsOf(trial).map(({ metadata }) => [metadata['id'], metadata['name']]),
      [
        ['tools', 'Tools'],
        ['games', 'Last'],
      ],
    )
    const text = await published(trial.units)
    assert.ok(text.indexOf('games') < text.indexOf('tools'))
  })

  it('are read from one of the files that say the same, whatever its compression', async () => {
    const bytes = Buffer.from(everything)
    const gz = ['c.xml.gz', gzipSync(bytes)] as const
    const lies = Buffer.from('no XML')
    for (const files of [
      { group: ['c.xml', lies], group_gz: gz },
      { group: ['c.xml', bytes], group_xz: ['c.xml.xz', lies] },
      { group: ['c.xml.zst', zstdCompressSync(bytes)] },
      { group_zst: ['c.xml.zst', zstdCompressSync(bytes)], group_bz2: ['c.xml.bz2', lies] },
    ] satisfies Files[]) {
      const trial = await (await trialOf(files)).run({ feed })
      assert.equal(compsOf(trial).length, 5)
      assert.equal(trial.requests.filter((url) => url.includes('c.xml')).length, 1)
    }
  })

  it('are left out by type when they are to be skipped, and not fetched when all are', async () => {
    const some = await synced(everything, [], { type_skip_list: ['package_group', 'package_langpacks'] })
    assert.deepEqual(namesIn(compsOf(some)), [
      ['package_category', 'all'],
      ['package_environment', 'desk'],
    ])
    assert.ok(!some.complete.includes('package_group'))
    const types = ['package_group', 'package_langpacks', 'package_category', 'package_environment']
    const none = await synced(everything, [], { type_skip_list: types })
    assert.ok(!none.requests.some((url) => url.includes('c.xml')))
    assert.equal(none.parts['comps']?.state, 'skipped')
  })

  it('are a problem each without a usable id or beyond all size, and the others are mirrored', async () => {
    const endless = tools.replace('hammer', 'x'.repeat(2 ** 20))
    const trial = await synced(
      comps('<group><name>x</name></group>', `<group><id>${'x'.repeat(256)}</id></group>`, games),
    )
    assert.deepEqual(namesIn(compsOf(trial)), [['package_group', 'games']])
    assert.equal(trial.problems.length, 2)
    const large = await synced(comps(endless, games))
    assert.deepEqual(namesIn(compsOf(large)), [['package_group', 'games']])
    assert.deepEqual(
      large.problems.map(({ type, key }) => [type, key]),
      [['package_group', { id: 'tools' }]],
    )
  })

  it('fail the sync when they cannot be read', async () => {
    for (const text of ['<comps>', '<comps><group></comps>', '<other/>', ''])
      await assert.rejects(synced(text), /could not be parsed/, text)
  })

  it('stay as they are when another one comes between them', async () => {
    const first = compsOf(await synced(comps(tools, games)))
    const between = games.replace('games', 'between')
    const second = compsOf(await synced(comps(tools, between, games), first))
    assert.deepEqual(
      second.filter(({ key }) => key['id'] !== 'between'),
      first,
    )
    assert.deepEqual(idsIn(await published(second.toReversed())), ['tools', 'between', 'games'])
    const turned = compsOf(await synced(comps(games, between, tools), second))
    assert.deepEqual(idsIn(await published(turned)), ['games', 'between', 'tools'])
  })
})

const idsIn = (text: string) =>
  parseXml(Buffer.from(text)).children.map(({ children }) => children.find(({ name }) => name === 'id')?.text)

describe('a published comps.xml', () => {
  it('says all that upstream says, in its order', async () => {
    const { units } = await synced(everything)
    const text = await published(units.toReversed())
    const withoutComments = comps(tools, games, desk, all, langpacks).replace(/<blacklist>.*<\/blacklist>/, '')
    assert.deepEqual(canonicalXml(text), canonicalXml(withoutComments))
  })

  it('is the same of a mirror of the mirror', async () => {
    const text = await published((await synced(everything)).units)
    assert.equal(await published((await synced(text)).units), text)
  })

  it('is listed as it is, by its checksum', async () => {
    const trial = await new PublishTrial(yumDistributor, (await synced(everything)).units).run({
      ...distributor,
      checksum_type: 'sha1',
    })
    const [path = '', bytes = Buffer.alloc(0)] = [...trial.files].find(([name]) => name.includes('comps')) ?? []
    const sum = createHash('sha1').update(bytes).digest('hex')
    assert.equal(path, `repodata/${sum}-comps.xml`)
    const record = /<data type="group">([\s\S]*?)<\/data>/.exec(trial.text(/repomd/))?.[1] ?? ''
    assert.match(record, new RegExp(`<checksum type="sha1">${sum}</checksum>`))
    assert.match(record, new RegExp(`<size>${bytes.length}</size>`))
    assert.doesNotMatch(record, /open-/)
    const step = trial.steps.find(({ name }) => name === 'comps')
    assert.deepEqual([step?.state, step?.total], ['finished', 5])
  })

  it('has no units of types that are skipped, and is not there without any', async () => {
    const { units } = await synced(everything)
    const text = await published(units, { skip: ['package_group', 'package_langpacks'] })
    assert.deepEqual(idsIn(text), ['desk', 'all'])
    assert.equal(await published(units.filter(({ type }) => type === 'rpm')), '')
  })
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { DeckleError } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { PublishTrial } from '../../../testing/publish-run.ts'
import { anRpm, servedAt, yumRepository } from '../../../testing/repodata.ts'
import { SyncTrial } from '../../../testing/sync-run.ts'
import { yumDistributor } from '../yum-distributor.ts'
import { yumImporter } from '../yum-importer.ts'
import { modulemdDefaultsType, modulemdType } from './module-types.ts'
import { toModuleUnit } from './module-unit.ts'
import { uploadModules } from './upload-modules.ts'

const feed = 'http://upstream.test/r/'
const bear = anRpm()

const zooModule = (stream: string, version = '8000020190628150510') => `---
document: modulemd
version: 2
data:
  name: zoo
  stream: ${stream}
  version: ${version}
  context: 00000000
  arch: x86_64
  summary: The zoo # a comment stays
  description: >-
    With "bears"
    and lions.
  dependencies:
  - requires:
      platform: [f38, f39]
  profiles:
    default: {rpms: [bear, lion]}
    empty: {}
  artifacts:
    rpms: [bear-0:4.1-1.noarch]
`
const zooDefaults = `---
document: modulemd-defaults
version: 1
data:
  module: zoo
  stream: "1.10"
  profiles:
    "1.10": [default]
    "2": []
`
const zooObsoletes = `---
document: modulemd-obsoletes
version: 1
data: {modified: 2023-11-14T10:00Z, module: zoo, stream: "1.10", message: "old"}
`
const modules = [zooModule('1.10'), zooModule('2'), zooDefaults, zooObsoletes]

const unitsOf = ({ units }: Pick<SyncTrial<unknown>, 'units'>) =>
  units.filter(({ type }) => type.startsWith('modulemd'))
const textOf = (unit: DiscoveredUnit | undefined) => String(Buffer.from(unit?.documents?.['modulemd'] ?? []))

/** A sync of a repository with one package and this modules.yaml. */
async function synced(text: string | Uint8Array, config: JsonObject = {}, extension = '.gz') {
  const packed =
    extension === '.gz' ? gzipSync(text) : extension === '.zst' ? zstdCompressSync(text) : Buffer.from(text)
  const href = `repodata/modules.yaml${extension}`
  const moreRecords = `<data type="modules"><location href="${href}"/><size>${packed.length}</size></data>`
  const files = await yumRepository({ packages: [bear], moreRecords })
  return new SyncTrial(yumImporter, servedAt(feed, { ...files, [href]: packed })).run({ feed, ...config })
}

async function published(units: readonly DiscoveredUnit[], config: JsonObject = {}): Promise<string | undefined> {
  const trial = new PublishTrial(yumDistributor, units)
  await trial.run({ relative_url: 'x', http: true, https: true, ...config })
  const [path, bytes] = [...trial.files].find(([path]) => path.includes('modules')) ?? []
  if (path === undefined || bytes === undefined) return undefined
  const checksum = createHash('sha256').update(bytes).digest('hex')
  assert.equal(path, `repodata/${checksum}-modules.yaml.gz`)
  assert.match(trial.text(/repomd/), new RegExp(`<data type="modules">\\s*<checksum type="sha256">${checksum}<`))
  return gunzipSync(bytes).toString()
}

describe('the modules of an upstream', () => {
  it('are units of three types with the very bytes that stood there', async () => {
    const trial = await synced(modules.join('...\n'))
    const units = unitsOf(trial)
    assert.deepEqual(units.map(textOf), modules)
    assert.deepEqual(
      units.map(({ type, key }) => [type, key]),
      [
        ...['1.10', '2'].map((stream) => [
          'modulemd',
          { name: 'zoo', stream, version: '8000020190628150510', context: '00000000', arch: 'x86_64' },
        ]),
        ['modulemd_defaults', { name: 'zoo' }],
        ['modulemd_extra', { document: 'modulemd-obsoletes', checksum: units[3]?.metadata['checksum'] }],
      ],
    )
    assert.deepEqual(units[0]?.metadata, {
      ...units[0]?.key,
      summary: 'The zoo',
      description: 'With "bears" and lions.',
      checksum: createHash('sha256').update(zooModule('1.10')).digest('hex'),
    })
    assert.deepEqual([trial.problems, trial.parts['modules']?.state], [[], 'finished'])
    assert.deepEqual(trial.expected, { rpm: 1, srpm: 0, modulemd: 2, modulemd_defaults: 1, modulemd_extra: 1 })
    for (const type of ['modulemd', 'modulemd_defaults', 'modulemd_extra']) assert.ok(trial.complete.includes(type))
  })

  it('show clients what stands in their documents', () => {
    const derived = (type: typeof modulemdType, text: string) => {
      const documents = { modulemd: Buffer.from(text) }
      return Object.fromEntries(
        Object.entries(type.derivedFields ?? {}).map(([name, read]) => [name, read(documents, {})]),
      )
    }
    assert.deepEqual(derived(modulemdType, zooModule('1')), {
      profiles: { default: ['bear', 'lion'], empty: [] },
      artifacts: ['bear-0:4.1-1.noarch'],
      dependencies: [{ platform: ['f38', 'f39'] }],
    })
    assert.deepEqual(derived(modulemdDefaultsType, zooDefaults), { profiles: { '1.10': ['default'], '2': [] } })
    const first = 'data:\n  dependencies: {requires: {platform: f28}, buildrequires: {x: y}}\n'
    assert.deepEqual(derived(modulemdType, first), {
      profiles: {},
      artifacts: [],
      dependencies: [{ platform: ['f28'] }],
    })
  })

  it('are read in every compression, and not asked for when they are to be skipped', async () => {
    for (const extension of ['', '.gz', '.zst'])
      assert.equal(unitsOf(await synced(modules.join(''), {}, extension)).length, 4)
    const skipped = await synced(modules.join(''), {
      type_skip_list: ['modulemd', 'modulemd_defaults', 'modulemd_extra'],
    })
    assert.ok(!skipped.requests.some((url) => url.includes('modules')))
    assert.deepEqual([unitsOf(skipped), skipped.parts['modules']?.state], [[], 'skipped'])
    const defaults = await synced(modules.join(''), { type_skip_list: ['modulemd'] })
    assert.deepEqual(
      unitsOf(defaults).map(({ type }) => type),
      ['modulemd_defaults'],
    )
  })

  it('are a problem each where they cannot be read, and the others are mirrored', async () => {
    const bad = [
      '---\n[unclosed\n',
      '---\n- a list\n',
      '---\ndata: {}\n',

      '---\na: &x 1\nb: *x\n',
    ]
    const trial = await synced([...bad, zooDefaults].join(''))
    assert.deepEqual([unitsOf(trial).map(textOf), trial.problems.length], [[zooDefaults], bad.length])
    assert.match(trial.problems[0]?.reason ?? '', /YAML.*unclosed/)
  })

  it('that lack what names them are kept like all that is not known', async () => {
    const odd = [
      '---\ndocument: modulemd\ndata: {name: x, stream: y}\n',
      '---\ndocument: modulemd\ndata: {name: x, stream: y, version: latest}\n',
      '---\ndocument: modulemd-defaults\ndata: {}\n',
      '---\ndocument: modulemd-translations\ndata: {module: x, stream: y}\n',
      '---\ndocument: to come\ndata: [1]\n',
    ]
    const units = unitsOf(await synced(odd.join('')))
    assert.deepEqual(units.map(textOf), odd)
    assert.ok(units.every(({ type }) => type === 'modulemd_extra'))
    assert.deepEqual(units[3]?.metadata['module'], 'x')
  })

  it('are taken once where they are there again, and the first of two that differ', async () => {
    const other = zooDefaults.replace('1.10', '2')
    const trial = await synced([zooDefaults, zooDefaults, other, zooObsoletes, zooObsoletes].join(''))
    assert.deepEqual(unitsOf(trial).map(textOf), [zooDefaults, zooObsoletes])
    assert.deepEqual(
      trial.problems.map(({ name }) => name),
      ['zoo'],
    )
  })

  it('fail the sync when the file cannot be opened', async () => {
    const cut = gzipSync(modules.join('')).subarray(0, 40)
    const files = await yumRepository({
      packages: [bear],
      moreRecords: '<data type="modules"><location href="repodata/m.yaml.gz"/></data>',
    })
    const broken = new SyncTrial(yumImporter, servedAt(feed, { ...files, 'repodata/m.yaml.gz': cut }))
    await assert.rejects(
      broken.run({ feed }),
      (error) => error instanceof DeckleError && error.details.code === 'RPM1006',
    )
  })
})

describe('a document of modules', () => {
  it('is a unit or refused, whatever the bytes are', () => {
    const line = fc.constantFrom(
      'document: modulemd',
      'data:',
      '  name: x',
      '  stream: [1]',
      '  version: 5',
      '---',
      '{',
      '\0',
      '  name: "\\ud800"',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n')),
    )
    fc.assert(
      fc.property(text, (text) => {
        try {
          const unit = toModuleUnit(Buffer.from(text))
          if (unit !== undefined) assert.ok(JSON.stringify(unit.metadata).isWellFormed())
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error))
        }
      }),
    )
  })
})

describe('published modules', () => {
  it('are the documents as they were read, modules first, between marks', async () => {
    const bare = zooModule('0', '1').replace('---\n', '')
    const { units } = await synced(`${bare}...\n${zooObsoletes}${zooDefaults}${zooModule('2').trimEnd()}`)
    const text = await published(units)
    assert.equal(text, [`---\n${bare}`, zooModule('2'), zooDefaults, zooObsoletes].map((one) => `${one}...\n`).join(''))
    const again = await synced(text ?? '')
    assert.equal(await published(again.units), text)
  })

  it('are left out when there are none, or when they are to be skipped', async () => {
    const { units } = await synced(modules.join(''))
    assert.equal(await published(units.filter(({ type }) => type === 'rpm')), undefined)
    assert.doesNotMatch((await published(units, { skip: ['modulemd'] })) ?? '', /document: modulemd\n/)
    assert.equal(await published(units, { skip: ['modulemd', 'modulemd_defaults', 'modulemd_extra'] }), undefined)
  })
})

describe('an upload of modules', () => {
  async function upload(text: string, change: { type?: string; key?: JsonObject; metadata?: JsonObject } = {}) {
    const file = {
      size: Buffer.byteLength(text),
      async *read() {
        yield Buffer.from(text)
      },
    }
    const given = { type: 'modulemd', key: {}, metadata: {}, ...change }
    const { signal } = new AbortController()
    return (await uploadModules({ repository: { id: 'r' }, file, signal, ...given })).units
  }
  const refuses = (upload: Promise<unknown>, reason: RegExp) =>
    assert.rejects(
      upload,
      (error) => error instanceof DeckleError && error.kind === 'invalid' && reason.test(error.message),
    )

  it('makes units of all documents of the file', async () => {
    assert.deepEqual((await upload(modules.join(''))).map(textOf), modules)
    const key = { name: 'zoo', repo_id: 'r' }
    assert.equal((await upload(zooDefaults, { type: 'modulemd_defaults', key, metadata: { summary: null } })).length, 1)
    assert.equal((await upload(zooModule('2', '7'), { key: { version: 7, stream: '2' } })).length, 1)
  })

  it('is refused when the file holds nothing of the type, or nothing sound', async () => {
    await refuses(upload(''), /needs a file/)
    await refuses(upload(zooDefaults), /holds no modulemd/)
    await refuses(upload('---\n[\n'), /no modules\.yaml.*YAML/)
    await refuses(upload('---\ndocument: x\n'.repeat(1001)), /more than 1000/)
  })

  it('is refused when the client says something else than the file', async () => {
    await refuses(upload(zooModule('2'), { key: { name: 'aquarium' } }), /name is read from the file/)
    await refuses(upload(zooModule('2'), { metadata: { artifacts: [] } }), /artifacts is read/)
    await refuses(upload(zooDefaults, { type: 'modulemd_defaults', key: { repo_id: 'other' } }), /repo_id is read/)
    await refuses(upload(modules.join(''), { key: { name: 'zoo' } }), /holds 2 units/)
  })
})

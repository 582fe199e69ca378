import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from '../../../formats/format-error.ts'
import { readPackageHead } from '../../../formats/rpm/package-head.ts'
import { dependencyTags, rpmTags, signatureTags } from '../../../formats/rpm/rpm-tags.ts'
import { packageTags, type RpmFileOptions, rpmFile, type Tags } from '../../../testing/rpm-file.ts'
import type { Dependency } from './dependency.ts'
import { printPackage } from './print-package.ts'
import { type RpmPackage, readRpmPackage } from './rpm-package.ts'

const stored = { checksumType: 'sha256', checksum: 'a'.repeat(64), size: 1, fileTime: 0, href: 'x.rpm' }
const equal = 8
const needed = 1 << 10

async function read(more: Tags = [], options: Partial<RpmFileOptions> = {}): Promise<RpmPackage> {
  return readRpmPackage(await readPackageHead([rpmFile({ header: packageTags(more), ...options })]))
}

type Listed = readonly [name: string, sense: number, evr: string]

function listed(kind: keyof typeof dependencyTags, list: readonly Listed[]): Tags {
  const tags = dependencyTags[kind]
  return [
    [tags.name, { texts: list.map(([name]) => name) }],
    [tags.flags, { int32: list.map(([, sense]) => sense) }],
    [tags.version, { texts: list.map(([, , evr]) => evr) }],
  ]
}

function files(paths: readonly [folder: string, name: string][]): Tags {
  const folders = [...new Set(paths.map(([folder]) => folder))]
  const indexes = new Map(folders.map((folder, at) => [folder, at]))
  return [
    [rpmTags.dirNames, { texts: folders }],
    [rpmTags.dirIndexes, { int32: paths.map(([folder]) => indexes.get(folder) ?? 0) }],
    [rpmTags.baseNames, { texts: paths.map(([, name]) => name) }],
    [rpmTags.fileModes, { int16: paths.map(() => 0o100644) }],
    [rpmTags.fileFlags, { int32: paths.map(() => 0) }],
  ]
}

const names = (dependencies: readonly Dependency[]) => dependencies.map(({ name }) => name)

describe('what a package says of itself', () => {
  it('is split into epoch, version and release where it names others', async () => {
    const provides: Listed[] = [
      ['a', equal, '2:1.0-3'],
      ['b', equal, '1'],
      ['c', 0, ''],
      ['d', equal, 'x:1'],
      ['e', equal, ':1-'],
    ]
    const { dependencies } = await read(listed('provides', provides))
    const parts = dependencies.provides.map(({ name, epoch, version, release }) => [name, epoch, version, release])
    assert.deepEqual(parts, [
      ['a', '2', '1.0', '3'],
      ['b', '0', '1', undefined],
      ['c', undefined, undefined, undefined],
      ['e', '0', '1', ''],
    ])
  })

  it('leaves out what it requires of rpm and of itself, and repetitions', async () => {
    const requires: Listed[] = [
      ['rpmlib(CompressedFileNames)', 10, '3.0.4-1'],
      ['/usr/bin/own', 0, ''],
      ['/usr/share/own', 0, ''],
      ['virtual', equal, '1'],
      ['virtual', equal, '2'],
      ['other', 0, ''],
      ['other', 0, ''],
      ['other', needed, ''],
    ]
    const { dependencies } = await read([
      ...listed('provides', [['virtual', equal, '1']]),
      ...listed('requires', requires),
      ...files([
        ['/usr/bin/', 'own'],
        ['/usr/share/', 'own'],
      ]),
    ])
    assert.deepEqual(names(dependencies.requires), ['/usr/share/own', 'virtual', 'other', 'other'])
    assert.deepEqual(
      dependencies.requires.map(({ pre }) => pre),
      [false, false, false, true],
    )
  })

  it('names of the versions of the C library only the highest, at the end', async () => {
    const versions = ['libc.so.6()(64bit)', 'libc.so.6(GLIBC_2.4)(64bit)', 'libc.so.6(GLIBC_2.34)(64bit)', 'libc.so.6']
    const requires = [...versions, 'other'].map((name): Listed => [name, 0, ''])
    const { dependencies } = await read(listed('requires', requires))
    assert.deepEqual(names(dependencies.requires), ['other', 'libc.so.6(GLIBC_2.34)(64bit)'])
  })

  it('shows weak dependencies of old packages as those of today', async () => {
    const strong = 1 << 27
    const { dependencies } = await read([
      ...listed('requires', [['may be missing', 1 << 19, '']]),
      ...listed('oldSuggests', [
        ['weak', 0, ''],
        ['stronger', strong, ''],
      ]),
      ...listed('oldEnhances', [
        ['other way', 0, ''],
        ['other way, stronger', strong, ''],
      ]),
    ])
    assert.deepEqual(names(dependencies.recommends), ['may be missing', 'stronger'])
    assert.deepEqual(names(dependencies.suggests), ['weak'])
    assert.deepEqual(names(dependencies.enhances), ['other way'])
    assert.deepEqual(names(dependencies.supplements), ['other way, stronger'])
  })

  it('keeps the ten newest changes, oldest first, each at a time of its own', async () => {
    const times = [50, 50, 50, 40, 9, 8, 7, 6, 5, 4, 3, 2]
    const { changelog } = await read([
      [rpmTags.changelogTime, { int32: times }],
      [rpmTags.changelogName, { texts: times.map((_, at) => `author ${at}  `) }],
      [rpmTags.changelogText, { texts: times.map((_, at) => `text ${at}`) }],
    ])
    assert.deepEqual(
      changelog.map(({ date }) => date),
      [4, 5, 6, 7, 8, 9, 40, 50, 51, 52],
    )
    assert.deepEqual(changelog.at(-1), { author: 'author 0', date: 52, text: 'text 0' })
  })

  it('reads packages of before rpm 4', async () => {
    const paths: Tags = [
      [rpmTags.oldFileNames, { texts: ['/usr/bin/old', '/etc/old'] }],
      [rpmTags.fileModes, { int16: [0o100755, 0o040755] }],
      [rpmTags.fileFlags, { int32: [0, 0] }],
    ]
    const rpm = await read(paths, { old: true, header: packageTags(paths) })
    assert.deepEqual(
      [...rpm.files()],
      [
        { path: '/usr/bin/old', type: 'file' },
        { path: '/etc/old', type: 'dir' },
      ],
    )
    assert.deepEqual(names(rpm.dependencies.provides), ['bear'])
  })

  it('knows the sizes of packages beyond 4 GiB', async () => {
    const signature: Tags = [[signatureTags.longArchiveSize, { int64: [6_000_000_000n] }]]
    const header = packageTags([[rpmTags.longSize, { int64: [5_000_000_000n] }]])
    const { installedSize, archiveSize } = await read([], { header, signature })
    assert.deepEqual([installedSize, archiveSize], [5_000_000_000, 6_000_000_000])
  })

  it('takes texts that are no UTF-8 for Latin-1, and drops what no XML can hold', async () => {
    const summary = { i18n: [Buffer.from('gr\xf6\xdfer \x92\x01', 'latin1')] }
    const { summary: shown, description } = await read([
      [rpmTags.summary, summary],
      [rpmTags.description, { i18n: ['größer\x1b[0m\n🐻'] }],
    ])
    assert.deepEqual([shown, description], ['größer ', 'größer[0m\n🐻'])
  })
})

describe('the metadata of a hostile header', () => {
  const tooLarge = (error: unknown) => error instanceof FormatError && error.fault === 'too-large'

  it('is refused when it would be many times as large as the header', async () => {
    const folder = `/${'x'.repeat(100_000)}/`
    const rpm = await read(files(Array.from({ length: 2000 }, (_, at) => [folder, String(at)])))
    assert.throws(() => printPackage(rpm, stored), tooLarge)
  })

  it('is refused when it has more dependencies than any package', async () => {
    const provides = Array.from({ length: 200_001 }, (): Listed => ['x', 0, ''])
    await assert.rejects(read(listed('provides', provides)), tooLarge)
  })

  it('is refused when it has more folders than any package', async () => {
    const rpm = await read(files(Array.from({ length: 200_001 }, (_, at) => [`/${at}/`, 'x'])))
    assert.throws(() => printPackage(rpm, stored), tooLarge)
  })

  it('is refused when a file is in no folder of it', async () => {
    const tags = files([['/a/', 'b']]).map(([tag, value]) =>
      tag === rpmTags.dirIndexes ? ([tag, { int32: [1] }] as const) : ([tag, value] as const),
    )
    const rpm = await read([...tags, [rpmTags.sourcePackage, { int32: [0] }]])
    assert.throws(() => printPackage(rpm, stored), /no folder 1/)
  })

  it('is made or refused, whatever bytes are changed in it', async () => {
    const tags = [
      ...listed('provides', [['bear', equal, '1:4.1-1']]),
      ...listed('requires', [['/usr/bin/own', needed, '']]),
      ...files([['/usr/bin/', 'own']]),
    ]
    const file = rpmFile({ header: packageTags([...tags, [rpmTags.changelogTime, { int32: [1] }]]) })
    const change = fc.tuple(fc.integer({ min: 96, max: file.length - 1 }), fc.nat(255))
    const numRuns = process.env['DECKLE_TEST_LONG'] === '1' ? 200_000 : 2000
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = Buffer.from(file)
        for (const [at, value] of changes) bytes[at] = value
        const made = readPackageHead([bytes]).then((head) => printPackage(readRpmPackage(head), stored))
        await made.catch((error: unknown) => assert.ok(error instanceof FormatError, String(error)))
      }),
      { numRuns },
    )
  })
})

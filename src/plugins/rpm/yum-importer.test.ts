import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anRpm, snippetWriters, type TestPackage } from '../../testing/repodata.ts'
import { feed, namesOf, repomdUrl, sync, synced, upstream } from '../../testing/yum-sync.ts'

describe('a sync of a yum repository', () => {
  const bear = anRpm({ name: 'bear' })

  it('finds a unit for each package with metadata, file and documents', async () => {
    const { units, complete, expected, problems } = await synced({ packages: [bear] })
    const { documents, ...unit } = units[0] ?? assert.fail()
    const key = {
      name: 'bear',
      epoch: '0',
      version: '4.1',
      release: '1',
      arch: 'noarch',
      checksumtype: 'sha256',
      checksum: bear.checksum,
    }
    assert.deepEqual(unit, {
      type: 'rpm',
      key,
      metadata: {
        ...key,
        filename: 'bear-4.1-1.noarch.rpm',
        relativepath: 'bear-4.1-1.noarch.rpm',
        summary: 'A dummy package of bear',
        description: 'A dummy package of bear.\nIt has <angles> & "quotes".',
        version_sort_index: '01-4.01-1',
        release_sort_index: '01-1',
        size: bear.size,
        build_time: 1700000001,
        time: 1700000002,
        header_range: { start: 280, end: 2016 },
        buildhost: 'build.example.test',
        group: 'Internet/Applications',
        sourcerpm: 'bear-4.1-1.src.rpm',
        license: 'GPLv2',
        url: 'http://example.test/bear?a=1&b=2',
      },
      files: [
        {
          path: 'bear-4.1-1.noarch.rpm',
          size: bear.size,
          digests: [{ algorithm: 'sha256', value: bear.checksum }],
          urls: [`${feed}/bear-4.1-1.noarch.rpm`],
        },
      ],
    })
    for (const file of ['primary', 'filelists', 'other'] as const) {
      assert.equal(String(documents?.[file]), snippetWriters[file](bear))
    }
    assert.deepEqual([complete.slice(0, 2), expected, problems], [['rpm', 'srpm'], { rpm: 1, srpm: 0 }, []])
  })

  it('reads every compression and every checksum type that upstreams use', async () => {
    for (const compression of ['gz', 'zst', 'xz', 'none'] as const) {
      assert.equal((await synced({ packages: [bear], compression })).units.length, 1, compression)
    }
    for (const checksum of ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
      const { units } = await synced({ packages: [anRpm({ checksumType: checksum })], checksum })
      assert.equal(units[0]?.metadata['checksumtype'], checksum)
    }
    const old = await synced({ packages: [anRpm({ checksumType: 'sha' })] })
    assert.deepEqual(old.units[0]?.files[0]?.digests[0]?.algorithm, 'sha1')
  })

  it('tells source packages from binary ones', async () => {
    const { units, expected } = await synced({ packages: [anRpm({ arch: 'src' }), anRpm({ arch: 'nosrc' }), bear] })
    assert.deepEqual(
      units.map(({ type }) => type),
      ['srpm', 'srpm', 'rpm'],
    )
    assert.deepEqual(expected, { rpm: 1, srpm: 2 })
  })

  it('joins the three files whatever their order', async () => {
    const packages = ['a', 'b', 'c', 'd'].map((name) => anRpm({ name }))
    const { units } = await synced({ packages, order: packages.toReversed() })
    units.forEach((unit, index) => {
      const own = packages[index] as TestPackage
      assert.equal(String(unit.documents?.['filelists']), snippetWriters.filelists(own))
      assert.equal(String(unit.documents?.['other']), snippetWriters.other(own))
    })
  })

  it('takes files from where their location says, and keeps them by their name', async () => {
    const packages = [
      anRpm({ name: 'a', href: 'Packages/a/a-1^git~2 #1.rpm' }),
      anRpm({ name: 'b', href: 'b.rpm', base: 'https://cdn.test/x' }),
      anRpm({ name: 'c', href: '../pool/c.rpm' }),
    ]
    const { units } = await synced({ packages })
    assert.deepEqual(
      units.map(({ files }) => files[0]?.urls[0]),
      [`${feed}/Packages/a/a-1%5Egit~2%20%231.rpm`, 'https://cdn.test/x/b.rpm', 'http://upstream.test/pool/c.rpm'],
    )
    assert.deepEqual(
      units.map(({ files }) => files[0]?.path),
      ['a-1^git~2 #1.rpm', 'b.rpm', 'c.rpm'],
    )
    assert.match(String(units[1]?.documents?.['primary']), /<location href="b.rpm"\/>/)
    assert.match(String(units[0]?.documents?.['primary']), /<location href="a-1\^git~2 #1.rpm"\/>/)
  })

  it('takes metadata from where their location says', async () => {
    const moreRecords = '<data type="productid"><location xml:base="http://cdn.test/deep" href="repodata/p"/></data>'
    const files = await upstream({ packages: [bear], moreRecords })
    const { units } = await sync({ ...files, 'http://cdn.test/deep/repodata/p': Buffer.from('a certificate') })
    assert.deepEqual(
      units.map(({ type }) => type),
      ['rpm', 'yum_repo_metadata_file'],
    )
  })

  it('keeps files of one name, which lie in several folders, by names of their own', async () => {
    const [old, other] = [
      anRpm({ href: 'old/bear-4.1-1.noarch.rpm' }),
      anRpm({ name: 'other', href: 'x/bear-4.1-1.noarch.rpm' }),
    ]
    const epoch = anRpm({ epoch: '1', href: 'new/bear-4.1-1.noarch.rpm', body: 'another' })
    const options = { packages: [old, epoch, other] }
    const { units, problems } = await synced(options)
    const [second, third] = [epoch, other].map(({ checksum }) => `bear-4.1-1.noarch-${checksum.slice(0, 12)}.rpm`)
    assert.deepEqual([namesOf({ units }), problems], [['bear-4.1-1.noarch.rpm', second, third], []])
    assert.deepEqual(
      units.map(({ files }) => [files[0]?.path, files[0]?.urls[0]]),
      [
        ['bear-4.1-1.noarch.rpm', `${feed}/old/bear-4.1-1.noarch.rpm`],
        [second, `${feed}/new/bear-4.1-1.noarch.rpm`],
        [third, `${feed}/x/bear-4.1-1.noarch.rpm`],
      ],
    )
    assert.match(String(units[1]?.documents?.['primary']), new RegExp(`<location href="${second}"/>`))
    const exact = await synced(options, { metadata: 'exact' })
    assert.deepEqual(
      new Set(exact.units.filter(({ type }) => type === 'rpm').map(({ files }) => files[0]?.path)),
      new Set(['bear-4.1-1.noarch.rpm']),
    )
  })

  it('gives one unit for one package, wherever its upstream keeps it', async () => {
    const [flat] = (await synced({ packages: [anRpm()] })).units
    const [deep] = (await synced({ packages: [anRpm({ href: 'Packages/b/bear-4.1-1.noarch.rpm' })] })).units
    assert.deepEqual([deep?.metadata, deep?.documents], [flat?.metadata, flat?.documents])
  })

  it('comes in batches', async () => {
    const packages = Array.from({ length: 300 }, (_, index) => anRpm({ name: `p${index}` }))
    const trial = await synced({ packages })
    assert.deepEqual([trial.units.length, trial.longestBatch], [300, 32])
  })

  it('takes one of several packages that have the same name, version and arch', async () => {
    const { units, problems } = await synced({ packages: [bear, bear, anRpm({ body: 'rebuilt' })] })
    assert.deepEqual(
      units.map(({ key }) => key['checksum']),
      [bear.checksum],
    )
    assert.deepEqual(problems, [])
  })

  it('does without filelists and other, and fills in for packages that they lack', async () => {
    const lone = await synced({ packages: [bear], edit: (file, xml) => (file === 'primary' ? xml : undefined) })
    assert.match(
      String(lone.units[0]?.documents?.['filelists']),
      /^<package pkgid="[0-9a-f]{64}" name="bear" arch="noarch">/,
    )
    const partly = await synced({ packages: [bear, anRpm({ name: 'cat' })], order: [bear] })
    assert.equal(partly.units.length, 2)
    assert.deepEqual(
      partly.problems.map(({ name }) => name),
      ['filelists', 'other'],
    )
  })

  it('reads an empty repository', async () => {
    const { units, complete } = await synced({ packages: [] })
    assert.deepEqual([units, complete.slice(0, 2)], [[], ['rpm', 'srpm']])
  })

  it('ignores databases and other forms of the same files', async () => {
    const moreRecords =
      '<data type="primary_db"><location href="repodata/p.sqlite.bz2"/></data><data type="primary_zck"><location href="p.zck"/></data>'
    const { requests } = await synced({ packages: [bear] })
    assert.deepEqual((await synced({ packages: [bear], moreRecords })).requests, requests)
  })
})

describe('a package that cannot be used', () => {
  it('is named with its reason while the others are taken', async () => {
    const packages = [
      anRpm({ name: 'odd', checksumType: 'sha256', checksum: 'xyz' }),
      anRpm({ name: 'up', href: 'x/..' }),
      anRpm({ name: 'far', href: 'far.rpm', base: 'ftp://cdn.test/' }),
      anRpm({ name: 'good' }),
    ]
    const { units, problems } = await synced({ packages })
    assert.deepEqual(namesOf({ units }), ['good-4.1-1.noarch.rpm'])
    assert.deepEqual(
      problems.map(({ stage, key, code: why }) => [stage, key['name'], why]),
      [
        ['metadata', 'odd', 'malformed'],
        ['metadata', 'up', 'malformed'],
        ['metadata', 'far', 'malformed'],
      ],
    )
  })

  it('may have a checksum type that nobody knows', async () => {
    const edit = (file: string, xml: string) =>
      file === 'primary' ? xml.replace('type="sha256"', 'type="whirl"') : xml
    const { problems } = await synced({ packages: [anRpm()], edit })
    const [problem] = problems
    assert.deepEqual([problem?.code, problem?.data?.['checksum_type']], ['checksum_type_unknown', 'whirl'])
  })

  it('may be no sound XML', async () => {
    const edit = (file: string, xml: string) => (file === 'primary' ? xml.replace('of bear', '&nbsp;') : xml)
    const { units, problems } = await synced({ packages: [anRpm(), anRpm({ name: 'cat' })], edit })
    assert.deepEqual([namesOf({ units }), problems.length], [['cat-4.1-1.noarch.rpm'], 1])
  })

  it('may lack a name altogether', async () => {
    const edit = (file: string, xml: string) => (file === 'primary' ? xml.replace('<name>bear</name>', '') : xml)
    const { units, problems } = await synced({ packages: [anRpm(), anRpm({ name: 'cat' })], edit })
    assert.deepEqual([units.length, problems.length], [1, 1])
  })
})

describe('an unchanged upstream', () => {
  const packages = [anRpm()]

  it('costs one request, and nothing is found or forgotten', async () => {
    const files = await upstream({ packages })
    const first = await sync(files)
    const again = await sync(files, {}, first.remembered)
    assert.deepEqual(again.requests, [repomdUrl])
    assert.deepEqual([again.units, again.complete, again.remembered], [[], [], undefined])
    const states = Object.values(again.progress().parts).map(({ state }) => state)
    assert.deepEqual(states, ['finished', ...Array.from({ length: 6 }, () => 'skipped')])
  })

  it('is read again when told to, and when the config asks for something else', async () => {
    const files = await upstream({ packages })
    const { remembered } = await sync(files)
    const changes = [
      { force_full: true },
      { remove_missing: true },
      { type_skip_list: ['srpm'] },
      { retain_old_count: 3 },
      { download_policy: 'on_demand' },
    ]
    for (const change of changes)
      assert.equal((await sync(files, change, remembered)).units.length, 1, JSON.stringify(change))
  })

  it('is read again when repomd.xml differs in a byte', async () => {
    const files = await upstream({ packages })
    const { remembered } = await sync(files)
    const touched = { ...files, [repomdUrl]: Buffer.concat([files[repomdUrl] ?? assert.fail(), Buffer.from('\n')]) }
    assert.equal((await sync(touched, {}, remembered)).units.length, 1)
  })
})

describe('what a sync leaves out', () => {
  const builds = ['1.9', '1.10', '1.10~rc1', '1.8'].map((version) => anRpm({ version }))
  const others = [
    anRpm({ arch: 'i686', version: '1.0' }),
    anRpm({ arch: 'src', version: '0.1' }),
    anRpm({ name: 'cat', version: '0.1' }),
  ]

  it('are the oldest builds of each name and arch, with retain_old_count', async () => {
    const trial = await synced({ packages: [...builds, ...others] }, { retain_old_count: 1 })
    assert.deepEqual(namesOf(trial), [
      'bear-1.10-1.noarch.rpm',
      'bear-1.10~rc1-1.noarch.rpm',
      'bear-1.0-1.i686.rpm',
      'bear-0.1-1.src.rpm',
      'cat-0.1-1.noarch.rpm',
    ])
    assert.deepEqual(trial.expected, { rpm: 4, srpm: 1 })
    assert.equal((await synced({ packages: builds }, { retain_old_count: 0 })).units.length, 1)
  })

  it('looks at the epoch before the version', async () => {
    const packages = [anRpm({ version: '9' }), anRpm({ epoch: '1', version: '1', href: 'with-epoch.rpm' })]
    assert.deepEqual(namesOf(await synced({ packages }, { retain_old_count: 0 })), ['with-epoch.rpm'])
  })

  it('are the types of the skip list, which then lose nothing either', async () => {
    const trial = await synced({ packages: [...builds, ...others] }, { type_skip_list: ['rpm', 'erratum'] })
    assert.deepEqual(namesOf(trial), ['bear-0.1-1.src.rpm'])
    assert.deepEqual([trial.complete.slice(0, 1), trial.expected], [['srpm'], { rpm: 0, srpm: 1 }])
  })
})

import fc from 'fast-check'
import { dependencyTags, rpmTags, signatureTags } from '../../src/formats/rpm/rpm-tags.ts'
import { packageTags, type RpmFileOptions, type Tags } from '../../src/testing/rpm-file.ts'

/** Packages whose headers hold what no rpmbuild of today would write: any flags, odd versions, texts that are no UTF-8. */
export function anyPackage(): fc.Arbitrary<RpmFileOptions> {
  const lists = fc.tuple(...Object.values(dependencyTags).map(dependencyList), fileList, changelog, scalars)
  return fc
    .record({ lists, old: fc.boolean(), unnamed: fc.boolean(), archiveSize: fc.nat(), long: fc.boolean() })
    .map(({ lists, old, unnamed, archiveSize, long }) => {
      const size: Tags = long
        ? [[signatureTags.longArchiveSize, { int64: [BigInt(archiveSize) * 3n] }]]
        : [[signatureTags.payloadSize, { int32: [archiveSize] }]]
      const header = packageTags(lists.flat()).filter(([tag]) => !(unnamed && tag === rpmTags.sourceRpm))
      return { old, header, signature: size }
    })
}

const latin1 = Buffer.from('gr\xf6\xdfe \x85 \xa7', 'latin1')
const text = fc.constantFrom<(string | Buffer)[]>('plain', 'größe 🐻', ' <&> "x" ', latin1, '')

const name = fc.constantFrom(
  ...[
    'wolf',
    'lion',
    'größe(x)',
    '(a if b)',
    '/bin/own',
    '/etc/own',
    '/usr/share/own',
    '/usr/bin/other',
    'rpmlib(Lead)',
  ],
  ...['libc.so.6', 'libc.so.6()', 'libc.so.6()(64bit)', 'libc.so.6(GLIBC_2.4)', 'libc.so.6(GLIBC_2.34)(64bit)'],
  ...['libc.so.6(GLIBC_2.4)(64bit)', 'libc.so.6(PRIVATE)', 'libc.so.6(open', 'libc.so.6(x)(GLIBC_9)', 'libc.so.60'],
)
const evr = fc.constantFrom(
  ...['', '1', '4.1-1', '0:4.1-1', '2:3-4', ':5', '7:', 'x:1', '1-', '-1', '1-2-3', '~rc', '+3:1', '1:2:3'],
)
/** Comparisons, what scripts need, what may be missing, what is strong. */
const sense = fc
  .tuple(
    fc.constantFrom(0, 2, 4, 6, 8, 10, 12, 14, 15),
    fc.constantFrom(0, 0, 1 << 6, 1 << 9, 1 << 10, 1 << 11, 1 << 19, 1 << 27),
  )
  .map(([comparison, more]) => comparison | more)

function dependencyList(tags: { readonly name: number; readonly flags: number; readonly version: number }) {
  return fc.array(fc.tuple(name, sense, evr), { maxLength: 8 }).map((list): Tags => {
    if (list.length === 0) return []
    return [
      [tags.name, { texts: list.map(([name]) => name) }],
      [tags.flags, { int32: list.map(([, sense]) => sense) }],
      [tags.version, { texts: list.map(([, , version]) => version) }],
    ]
  })
}

const file = fc.record({
  folder: fc.constantFrom('/bin/', '/etc/', '/usr/share/', '/usr/lib/', '/opt/größe/', ''),
  base: fc.constantFrom<(string | Buffer)[]>('own', 'sendmail', 'a <&> b', latin1, 'bär'),
  mode: fc.constantFrom(0o100644, 0o040755, 0o120777, 0o060000),
  flags: fc.constantFrom(0, 1, 64, 65, 66),
})

const fileList = fc.tuple(fc.array(file, { maxLength: 6 }), fc.boolean()).map(([files, whole]): Tags => {
  if (files.length === 0) return []
  if (whole) return wholePaths(files)
  const used = [...new Set(files.map(({ folder }) => folder))]
  return [
    [rpmTags.dirNames, { texts: used }],
    [rpmTags.dirIndexes, { int32: files.map(({ folder }) => used.indexOf(folder)) }],
    [rpmTags.baseNames, { texts: files.map(({ base }) => base) }],
    [rpmTags.fileModes, { int16: files.map(({ mode }) => mode) }],
    [rpmTags.fileFlags, { int32: files.map(({ flags }) => flags) }],
  ]
})

/** As rpm 3 wrote them. */
function wholePaths(files: readonly { folder: string; mode: number; flags: number }[]): Tags {
  return [
    [rpmTags.oldFileNames, { texts: files.map(({ folder }, at) => `/usr${folder}own${at % 3 || ''}`) }],
    [rpmTags.fileModes, { int16: files.map(({ mode }) => mode) }],
    [rpmTags.fileFlags, { int32: files.map(({ flags }) => flags) }],
  ]
}

const entry = fc.tuple(fc.constantFrom(1000, 1001, 1002, 5000), fc.tuple(text, fc.nat(3)), text)
const changelog = fc.array(entry, { maxLength: 14 }).map((entries): Tags => {
  if (entries.length === 0) return []
  return [
    [rpmTags.changelogTime, { int32: entries.map(([time]) => time) }],
    [
      rpmTags.changelogName,
      {
        texts: entries.map(([, [author, blanks]]) => Buffer.concat([Buffer.from(author), Buffer.alloc(blanks, 0x20)])),
      },
    ],
    [rpmTags.changelogText, { texts: entries.map(([, , text]) => text) }],
  ]
})

const scalars = fc
  .record({
    epoch: fc.option(fc.nat()),
    source: fc.boolean(),
    size: fc.nat(),
    long: fc.option(fc.nat()),
    texts: fc.tuple(...['summary', 'description', 'vendor', 'group', 'packager', 'url'].map(() => fc.option(text))),
  })
  .map(({ epoch, source, size, long, texts }): Tags => {
    const tags = [rpmTags.summary, rpmTags.description, rpmTags.vendor, rpmTags.group, rpmTags.packager, rpmTags.url]
    return [
      ...(epoch === null ? [] : [[rpmTags.epoch, { int32: [epoch] }] as const]),
      ...(source ? [[rpmTags.sourcePackage, { int32: [1] }] as const] : []),
      [rpmTags.size, { int32: [size] }],
      ...(long === null ? [] : [[rpmTags.longSize, { int64: [BigInt(long) * 5n] }] as const]),
      ...tags.flatMap((tag, at) => {
        const value = texts[at]
        return value === null || value === undefined ? [] : [[tag, { i18n: [value, 'another language'] }] as const]
      }),
    ]
  })

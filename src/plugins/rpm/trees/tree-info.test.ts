import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from '../../../formats/format-error.ts'
import { parseFurtherFiles } from './further-files.ts'
import { parseTreeInfo } from './tree-info.ts'

const sum = 'ab'.repeat(32)
const old = `[general]
family = Test Family
timestamp = 1323112153.09
variant = TestVariant
version = 16
packagedir =
arch = x86_64

[stage2]
mainimage = images/install.img

[images-x86_64]
kernel = images/pxeboot/vmlinuz
boot.iso = images/boot.iso

[images-xen]
kernel = images/pxeboot/vmlinuz

[checksums]
images/pxeboot/vmlinuz = sha256:${sum.toUpperCase()}
EFI/BOOT/BOOTX64.EFI = md5:${'0'.repeat(32)}
repodata/repomd.xml = sha256:${sum}
Addon/repodata/repomd.xml = sha256:${sum}
`
const productmd = `[header]
type = productmd.treeinfo
version = 1.2

[release]
name = Red Animals
short = RA
version = 8.4

[tree]
arch = aarch64
build_timestamp = 1617641018
platforms = aarch64,xen
variants = BaseOS,AppStream

[variant-AppStream]
repository = ../AppStream
`

const read = (text: string) => parseTreeInfo(Buffer.from(text))
const listed = (text: string) => read(text).files.sorted()
const isMalformed = (error: unknown) => error instanceof FormatError

describe('a treeinfo', () => {
  it('is read in its old form', () => {
    const { files, ...info } = read(old)
    assert.deepEqual(info, {
      family: 'Test Family',
      variant: 'TestVariant',
      version: '16',
      arch: 'x86_64',
      timestamp: 1323112153.09,
      packagedir: '',
      repositories: [],
    })
    assert.deepEqual(files.sorted(), [
      { path: 'EFI/BOOT/BOOTX64.EFI', digest: { algorithm: 'md5', value: '0'.repeat(32) } },
      { path: 'images/boot.iso', digest: undefined },
      { path: 'images/install.img', digest: undefined },
      { path: 'images/pxeboot/vmlinuz', digest: { algorithm: 'sha256', value: sum } },
    ])
  })

  it('is read in the form of productmd, with general for what that repeats', () => {
    const { files, ...info } = read(productmd)
    const expected = { family: 'Red Animals', version: '8.4', arch: 'aarch64', timestamp: 1617641018, packagedir: '' }
    assert.deepEqual(info, { ...expected, variant: 'BaseOS', repositories: [] })
    assert.deepEqual(files.sorted(), [])
    const { variant, packagedir } = read(`${productmd}[general]\nvariant = \npackagedir = Packages\n`)
    assert.deepEqual([variant, packagedir], ['', 'Packages'])
    assert.equal(read('[general]\nfamily = a\nversion = 1\narch = b\n').variant, null)
  })

  it('names the repositories of variants and addons that lie below it', () => {
    const paths = [
      '.',
      '',
      'AppStream',
      './AppStream/',
      'Server/repodata',
      'a/../addons/HA',
      '../x',
      '/x',
      'Packages',
      'a/repodata/b',
    ]
    const sections = paths.map(
      (path, index) => `[${index % 2 ? 'variant-A' : 'addon-A-B'}${index}]\nrepository = ${path}\n`,
    )
    assert.deepEqual(read(old + sections.join('')).repositories, ['AppStream', 'Server', 'addons/HA'])
    assert.deepEqual(read(`${old}[other-A]\nrepository = x\n[variant-A]\nrepository = http://x/\n`).repositories, [])
  })

  it('is refused without family, version or arch', () => {
    for (const name of ['family', 'version', 'arch'])
      assert.throws(() => read(old.replace(new RegExp(`^${name}.*\n`, 'm'), '')), { message: `it names no ${name}` })
  })

  it('is refused when a file would lie elsewhere, or nowhere', () => {
    const paths = ['../x', 'a/../../x', '/etc/passwd', 'a//b', './a', 'a/', 'a\\b', 'a\u0001b', `${'a/'.repeat(600)}a`]
    for (const path of [...paths, 'x'.repeat(256)]) {
      assert.throws(() => listed(`${productmd}[stage2]\nmainimage = ${path}\n`), isMalformed, path)
      assert.throws(() => listed(`${productmd}[checksums]\n${path} = sha256:${sum}\n`), isMalformed, path)
    }
    assert.throws(() => listed(`${productmd}[images-x]\na = images\nb = images/b\n`), /both a file and a folder/)
  })

  it('lists nothing that stands there anyway', () => {
    const paths = [
      'treeinfo',
      '.treeinfo',
      'bear.rpm',
      'a/bear.rpm',
      'Packages/x',
      'drpms/x',
      'a/repodata/x',
      'a/repodata',
    ]
    const lines = paths.map((path, index) => `${index} = ${path}\n`).join('')
    assert.deepEqual(
      listed(`${productmd}[images-x]\n${lines}`).map(({ path }) => path),
      ['a/repodata'],
    )
  })

  it('is refused with checksums that are none, and with too many files', () => {
    for (const checksum of ['', 'sha256:', 'sha256:xyz', `crc:${sum}`, sum, `sha1:${sum}`])
      assert.throws(() => read(`${productmd}[checksums]\na = ${checksum}\n`), isMalformed, checksum)
    const lines = Array.from({ length: 5_001 }, (_, index) => `${index} = images/${index}\n`)
    assert.throws(() => read(`${productmd}[images-x]\n${lines.join('')}`), /more than 5000 files/)
  })

  it('throws nothing but a FormatError, whatever it is', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '[general]',
        '[release]',
        '[tree]',
        '[checksums]',
        '[stage2]',
        '[images-x]',
        'family = a',
        'arch=b',
      ),
      fc.string(),
    )
    const text = fc.array(line).map((lines) => Buffer.from(lines.join('\n')))
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array()), (bytes) => {
        try {
          parseTreeInfo(bytes).files.sorted()
        } catch (error) {
          assert.ok(isMalformed(error), String(error))
        }
      }),
    )
  })

  it('tells all its files, each with its checksum', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9_.-]*[a-z]$/).filter((text) => !/^\[|rpm$|^\.?treeinfo$/.test(text))
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
    fc.assert(
      fc.property(fc.dictionary(name, hex), (sums) => {
        const lines = Object.entries(sums).map(([path, value]) => `i/${path} = sha256:${value}\n`)
        const found = listed(`${productmd}[checksums]\n${lines.join('')}`)
        const pairs = found.map(({ path, digest }) => [path.slice(2), digest?.value])
        assert.deepEqual(new Map(pairs as [string, string][]), new Map(Object.entries(sums)))
      }),
    )
  })
})

describe('a PULP_DISTRIBUTION.xml', () => {
  const parse = (text: string) => parseFurtherFiles(Buffer.from(text))

  it('lists files', () => {
    const xml = '<pulp_distribution version="1"><file>a/b</file>\n<file> c </file></pulp_distribution>'
    assert.deepEqual(parse(xml), ['a/b', 'c'])
  })

  it('is refused when it is another document', () => {
    for (const text of ['', '<files/>', '<pulp_distribution>', '<pulp_distribution><x/></pulp_distribution>', '\xff'])
      assert.throws(() => parse(text), isMalformed, text)
  })
})

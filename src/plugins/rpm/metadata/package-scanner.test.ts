import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from '../../../formats/format-error.ts'
import { anRpm, packageXml, snippetWriters } from '../../../testing/repodata.ts'
import { PackageScanner, type Snippet } from './package-scanner.ts'

const root =
  '<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="1">'

/** The packages of `xml`, which comes in pieces of these sizes, over and over. */
function scan(
  xml: string | Buffer,
  sizes: readonly number[] = [1_000_000],
): { scanner: PackageScanner; snippets: readonly Snippet[] } {
  const bytes = Buffer.from(xml)
  const scanner = new PackageScanner()
  const snippets: Snippet[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    snippets.push(...scanner.push(bytes.subarray(at, at + size)))
    at += size
  }
  snippets.push(...scanner.finish())
  return { scanner, snippets }
}

const textsOf = (snippets: readonly Snippet[]) => snippets.map(({ bytes }) => bytes.toString())
const one = (content: string) => scan(`${root}${content}</metadata>`).snippets

describe('the packages of a metadata file', () => {
  it('are found as they stand there, wherever the input is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '<', '&', 'ß', '/package>', '\n', '>', '"') })
    const rpm = fc.record({ name: fc.stringMatching(/^[a-z]{1,9}$/), summary: text, description: text })
    const file = fc.constantFrom('primary', 'filelists', 'other')
    fc.assert(
      fc.property(
        fc.array(rpm, { maxLength: 5 }),
        file,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (rpms, kind, sizes) => {
          const packages = rpms.map((change) => anRpm(change))
          const { scanner, snippets } = scan(packageXml(kind, packages), sizes)
          assert.deepEqual(textsOf(snippets), packages.map(snippetWriters[kind]))
          assert.ok(snippets.every(({ regular }) => regular))
          assert.deepEqual([scanner.packages, scanner.root?.announced], [packages.length, packages.length])
        },
      ),
    )
  })

  it('are refused when the file ends too early, at any byte', () => {
    const xml = Buffer.from(packageXml('primary', [anRpm()]))
    for (let length = 0; length < xml.length; length++) {
      assert.throws(
        () => scan(xml.subarray(0, length)),
        (error) => error instanceof FormatError && error.fault === 'truncated',
        `${length}`,
      )
    }
  })

  it('may be empty elements, have blanks in their tags, and quotes of both kinds', () => {
    const snippets = [
      '<package pkgid="a"/>',
      "<package\n pkgid='>/>'  ><x/></package >",
      '<package>\n</package\n>',
      '<package a=">"></package>',
    ]
    assert.deepEqual(textsOf(one(snippets.join('\n'))), snippets)
  })

  it('are not ended by a packager', () => {
    const snippet = '<package><packager>x</packager><packages/></package>'
    assert.deepEqual(textsOf(one(snippet)), [snippet])
  })

  it('are whole and marked when they hold comments, CDATA or instructions that look like their end', () => {
    const odd = [
      '<!-- </package> -->',
      '<![CDATA[</package>]]>',
      '<?x </package> ?>',
      '<!----><![CDATA[]]></packagery><!-- </package> -->',
    ]
    for (const markup of odd) {
      const snippet = `<package><a>${markup}</a></package>`
      const plain = '<package><b/></package>'
      for (const size of [1, 7, 1000]) {
        const { snippets } = scan(`${root}${plain}${snippet}${plain}<!-- <package> -->${plain}</metadata>`, [size])
        assert.deepEqual(textsOf(snippets), [plain, snippet, plain, plain], markup)
        assert.deepEqual(
          snippets.map(({ regular }) => regular),
          [true, false, true, true],
        )
      }
    }
  })

  it('are marked when they are not UTF-8', () => {
    const snippets = scan(Buffer.from(`${root}<package>\xe9</package><package/></metadata>`, 'latin1')).snippets
    assert.deepEqual(
      snippets.map(({ regular }) => regular),
      [false, true],
    )
  })

  it('are marked when the root has other namespaces or does not say how many there are', () => {
    const roots = [
      root.replace('xmlns:rpm', 'xmlns:r'),
      root.replace('metadata/common', 'metadata/other'),
      root.replace(' packages="1"', ''),
      root.replace(' packages', ' xmlns:suse="urn:x" packages'),
      '<metadata packages="1">',
    ]
    for (const start of roots) assert.equal(scan(`${start}<package/></metadata>`).snippets[0]?.regular, false, start)
    assert.equal(scan(`\ufeff${root.replaceAll('"', "'")}<package/></metadata>`).snippets[0]?.regular, true)
  })

  it('end with the root, even when that is empty', () => {
    assert.deepEqual(
      scan(
        '<?xml version="1.0"?><!-- x --><filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="0"/>\n',
      ).snippets,
      [],
    )
  })

  it('are refused where something else stands', () => {
    const wrong = [
      '<html></html>',
      `<!DOCTYPE metadata [<!ENTITY a "b">]>${root}</metadata>`,
      `${root}text</metadata>`,
      `${root}<packages/></metadata>`,
      `${root}</filelists>`,
      `${root}</metadata>${root}</metadata>`,
      `${root}</metadata> rubbish`,
    ]
    for (const xml of wrong) assert.throws(() => scan(xml), FormatError, xml)
  })

  it('are refused when one never ends', () => {
    const scanner = new PackageScanner()
    const endless = () => {
      scanner.push(Buffer.from(`${root}<package>`))
      for (let round = 0; round < 70; round++) scanner.push(Buffer.alloc(1024 * 1024, 'x'))
    }
    assert.throws(endless, (error) => error instanceof FormatError && error.fault === 'too-large')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anRpm, snippetWriters } from '../../../testing/repodata.ts'
import { regularPackage } from './irregular-package.ts'
import { rootStartTag } from './namespaces.ts'
import { readPrimaryPackage } from './primary-package.ts'
import { readAnyPackage } from './read-any-package.ts'
import { readRootTag } from './root-tag.ts'

const root = readRootTag(rootStartTag('primary', 1))
const read = (xml: string) => readPrimaryPackage(Buffer.from(xml))
const usual = snippetWriters.primary(anRpm({ name: 'bear', epoch: '2', base: 'http://b.test/x', href: 'p/bear.rpm' }))

/** Without where in the element the location stands. */
function fieldsOf(snippet: Buffer) {
  const found = readPrimaryPackage(snippet)
  return found === undefined ? undefined : { ...found, locationStart: 0, locationEnd: 0 }
}

describe('a package of primary', () => {
  it('has all its fields', () => {
    assert.deepEqual(fieldsOf(Buffer.from(usual)), {
      name: 'bear',
      arch: 'noarch',
      epoch: '2',
      version: '4.1',
      release: '1',
      checksumType: 'sha256',
      checksum: anRpm().checksum,
      summary: 'A dummy package of bear',
      description: 'A dummy package of bear.\nIt has <angles> & "quotes".',
      url: 'http://example.test/bear?a=1&b=2',
      fileTime: 1700000002,
      buildTime: 1700000001,
      size: 17,
      href: 'p/bear.rpm',
      base: 'http://b.test/x',
      locationStart: 0,
      locationEnd: 0,
      license: 'GPLv2',
      vendor: '',
      group: 'Internet/Applications',
      buildHost: 'build.example.test',
      sourceRpm: 'bear-4.1-1.src.rpm',
      headerStart: 280,
      headerEnd: 2016,
    })
  })

  it('tells where its location stands', () => {
    const found = read(usual)
    const location = usual.slice(found?.locationStart, found?.locationEnd)
    assert.equal(location, '<location xml:base="http://b.test/x" href="p/bear.rpm"/>')
  })

  it('is read alike by scanning and by parsing, whatever its texts are', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '<', '>', '&', 'ß', '日', '"', "'", '\n', '  ', '&amp;', '</name>'),
    })
    fc.assert(
      fc.property(text, text, text, (summary, description, file) => {
        const snippet = Buffer.from(snippetWriters.primary(anRpm({ summary, description, files: [`/${file}`] })))
        const scanned = fieldsOf(snippet)
        assert.deepEqual([scanned?.summary, scanned?.description], [summary, description])
        assert.deepEqual(fieldsOf(regularPackage(snippet, root)), scanned)
      }),
    )
  })

  it('may have its elements in any order and attributes in single quotes', () => {
    const turned = usual
      .replace(/(<name>.*?<\/name>)([\s\S]*)(\n {2}<format>)/, '$2$1$3')
      .replace('epoch="2" ver="4.1"', "ver = '4.1'\n epoch='2'")
    const [expected, found] = [fieldsOf(Buffer.from(usual)), fieldsOf(Buffer.from(turned))]
    assert.notEqual(turned, usual)
    assert.deepEqual(found, expected)
  })

  it('is found through comments, CDATA and prefixes of its own', () => {
    const odd = usual
      .replace('A dummy package of bear</summary>', '<!-- <arch>no</arch> --><![CDATA[A <dummy>]]></summary>')
      .replace('<rpm:license>', '<r:license xmlns:r="http://linux.duke.edu/metadata/rpm">')
      .replace('</rpm:license>', '</r:license><x:vendor xmlns:x="urn:other">no</x:vendor>')
    const found = fieldsOf(regularPackage(Buffer.from(odd), root))
    assert.deepEqual(found, { ...fieldsOf(Buffer.from(usual)), summary: 'A <dummy>' })
  })

  it('keeps the text around bytes that are not UTF-8', () => {
    const broken = Buffer.from(usual.replace('A dummy', 'A d\xe9mmy'), 'latin1')
    assert.equal(fieldsOf(regularPackage(broken, root))?.summary, 'A d\ufffdmmy package of bear')
  })

  it('is parsed when its location is not an empty element', () => {
    const long = usual.replace('href="p/bear.rpm"/>', 'href="p/bear.rpm"></location>')
    assert.equal(read(long), undefined)
    assert.equal(readAnyPackage(Buffer.from(long), root)?.found.href, 'p/bear.rpm')
  })

  it('is none without name, arch, version, checksum or location', () => {
    for (const element of [
      /<name>.*<\/name>/,
      /<arch>.*<\/arch>/,
      /<version.*\/>/,
      /<checksum.*<\/checksum>/,
      /<location.*\/>/,
    ]) {
      assert.equal(readAnyPackage(Buffer.from(usual.replace(element, '')), root), undefined, String(element))
    }
  })
})

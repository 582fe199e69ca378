import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from './format-error.ts'
import { mirrorUrl, parseMirrorList } from './mirror-list.ts'

const fault = (expected: string) => (error: unknown) => error instanceof FormatError && error.fault === expected

describe('a mirror list', () => {
  it('names a URL a line, in order, each once, with comments between', () => {
    const text = '# repo = zoo\r\nhttps://a.test/zoo/\r\n\n  http://b.test/zoo \n#http://c.test/\nhttps://a.test/zoo/\n'
    assert.deepEqual(parseMirrorList(Buffer.from(text)), ['https://a.test/zoo/', 'http://b.test/zoo'])
  })

  it('may name what is no web address, which is left out', () => {
    const others = [
      'file:///etc/',
      'rsync://a.test/zoo',
      'ftp://a.test/',
      'a.test/zoo',
      'http://me:pw@a.test/',
      'http://token@a.test/',
      'x http://a.test/',
    ]
    assert.deepEqual(parseMirrorList(Buffer.from([...others, 'http://b.test/#x'].join('\n'))), ['http://b.test/'])
    assert.throws(() => parseMirrorList(Buffer.from(others.join('\n'))), fault('malformed'))
  })

  for (const text of ['', '# error: invalid repo or arch', '<html><a href="http://a.test/">', '\u0000\u0001']) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseMirrorList(Buffer.from(text)), fault('malformed'))
    })
  }

  it('is UTF-8 text', () => {
    const latin = Buffer.concat([Buffer.from('http://a.test/\n'), Buffer.from([0xe4])])
    assert.throws(() => parseMirrorList(latin), fault('malformed'))
  })

  it('is bounded in bytes and lines', () => {
    const list = Buffer.from('http://a.test/\n'.repeat(3))
    assert.throws(() => parseMirrorList(list, { maxBytes: list.length - 1 }), fault('too-large'))
    assert.throws(() => parseMirrorList(list, { maxLines: 3 }), fault('too-large'))
    assert.equal(parseMirrorList(list, { maxBytes: list.length, maxLines: 4 }).length, 1)
    assert.throws(() => parseMirrorList(Buffer.alloc(1024 * 1024 + 1, '\n')), fault('too-large'))
    assert.throws(() => parseMirrorList(Buffer.alloc(10_000, '\n')), fault('too-large'))
  })

  it('gives back the URLs that were written', () => {
    const urls = fc.uniqueArray(fc.webUrl({ withQueryParameters: true }), { minLength: 1 })
    const between = fc.constantFrom('\n', '\r\n', '\r', '\n# comment\n', '\n\n \n')
    fc.assert(
      fc.property(urls, between, (list, separator) => {
        const expected = [...new Set(list.map((url) => new URL(url).href))]
        assert.deepEqual(parseMirrorList(Buffer.from(list.join(separator))), expected)
      }),
    )
  })

  it('names nothing but web addresses without credentials, whatever it holds', () => {
    const word = fc.oneof(
      fc.constantFrom('http://', 'https://', 'file://', 'a.test', '/', '@', ':', '\n', '#'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const bytes = Buffer.from(words.join(''))
        try {
          for (const url of parseMirrorList(bytes)) assert.equal(mirrorUrl(url), url)
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error))
        }
      }),
    )
  })
})

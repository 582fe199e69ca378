import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from './format-error.ts'
import { parseMetalink } from './metalink.ts'
import { escapeText } from './xml-text.ts'

const fault = (expected: string) => (error: unknown) => error instanceof FormatError && error.fault === expected

/** As MirrorManager writes it. */
function metalink3(urls: string, versions = ''): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" xmlns:mm0="http://fedorahosted.org/mirrormanager">
  <files>
    <file name="other.xml"><resources><url>http://other.test/other.xml</url></resources></file>
    <file name="repomd.xml">
      <mm0:timestamp>1700000000</mm0:timestamp>
      ${versions}
      <resources maxconnections="1">${urls}</resources>
    </file>
  </files>
</metalink>`)
}

const url = (preference: number, address: string, scheme = 'https') =>
  `<url protocol="${scheme}" type="${scheme}" location="DE" preference="${preference}">${address}</url>`

describe('a metalink', () => {
  it('names mirrors, the preferred ones first, those without a preference last', () => {
    const bytes = metalink3(
      `<url type="http">http://d.test/</url>${url(98, 'https://b.test/')}${url(100, ' https://a.test/ ')}${url(98, 'https://c.test/')}`,
    )
    const { urls, versions } = parseMetalink(bytes, 'repomd.xml')
    assert.deepEqual(urls, ['https://a.test/', 'https://b.test/', 'https://c.test/', 'http://d.test/'])
    assert.deepEqual(versions, [])
  })

  it('is taken by what its URLs are, not by what their type claims', () => {
    const bytes = metalink3(
      url(100, 'file:///etc/passwd') + url(99, 'rsync://a.test/') + url(1, 'http://b.test/', 'ftp'),
    )
    assert.deepEqual(parseMetalink(bytes, 'repomd.xml').urls, ['http://b.test/'])
  })

  it('knows the file as it is, and as slower mirrors have it', () => {
    const versions = `<size>10</size>
      <verification><hash type="md5">AA</hash><hash type="sha256"> bb </hash><hash type="whirl">cc</hash></verification>
      <mm0:alternates>
        <mm0:alternate><mm0:timestamp>1</mm0:timestamp><size>9</size><verification><hash type="sha1">dd</hash></verification></mm0:alternate>
        <mm0:alternate><size>8</size><verification><hash type="whirl">ee</hash></verification></mm0:alternate>
      </mm0:alternates>`
    assert.deepEqual(parseMetalink(metalink3(url(1, 'http://a.test/'), versions), 'repomd.xml').versions, [
      {
        size: 10,
        digests: [
          { algorithm: 'md5', value: 'aa' },
          { algorithm: 'sha256', value: 'bb' },
        ],
      },
      { size: 9, digests: [{ algorithm: 'sha1', value: 'dd' }] },
    ])
  })

  it('may be of version 4', () => {
    const bytes = Buffer.from(`<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="repomd.xml">
      <size>10</size><hash type="sha-256">bb</hash>
      <url location="de" priority="2">http://b.test/</url><url priority="1">http://a.test/</url></file></metalink>`)
    assert.deepEqual(parseMetalink(bytes, 'repomd.xml'), {
      urls: ['http://a.test/', 'http://b.test/'],
      versions: [{ size: 10, digests: [{ algorithm: 'sha256', value: 'bb' }] }],
    })
  })

  for (const bytes of [metalink3(''), metalink3(url(1, 'ftp://a.test/')), Buffer.from('<html/>'), Buffer.from('x')]) {
    it(`is of no use without a mirror: ${bytes.toString().slice(-120).replace(/\s+/g, ' ')}`, () => {
      assert.throws(() => parseMetalink(bytes, 'repomd.xml'), fault('malformed'))
    })
  }

  it('lists the file that is asked for', () => {
    assert.throws(() => parseMetalink(metalink3(url(1, 'http://a.test/')), 'absent'), fault('malformed'))
  })

  it('is bounded in size', () => {
    const bytes = metalink3(url(1, 'http://a.test/') + ' '.repeat(1024 * 1024))
    assert.throws(() => parseMetalink(bytes, 'repomd.xml'), fault('too-large'))
  })

  it('gives back the mirrors that were written, by preference', () => {
    const mirrors = fc.uniqueArray(fc.record({ address: fc.webUrl(), preference: fc.nat(100) }), {
      minLength: 1,
      selector: ({ address }) => new URL(address).href,
    })
    fc.assert(
      fc.property(mirrors, (list) => {
        const bytes = metalink3(list.map(({ address, preference }) => url(preference, escapeText(address))).join(''))
        const sorted = list.toSorted((left, right) => right.preference - left.preference)
        const expected = sorted.map(({ address }) => new URL(address).href)
        assert.deepEqual(parseMetalink(bytes, 'repomd.xml').urls, expected)
      }),
    )
  })

  it('ends in mirrors or a FormatError, however it is damaged', () => {
    const sound = metalink3(
      url(1, 'http://a.test/'),
      '<size>1</size><verification><hash type="md5">a</hash></verification>',
    )
    const damage = fc.record({ at: fc.nat(sound.length - 1), length: fc.nat(40), text: fc.string() })
    fc.assert(
      fc.property(damage, ({ at, length, text }) => {
        const bytes = Buffer.concat([sound.subarray(0, at), Buffer.from(text), sound.subarray(at + length)])
        try {
          for (const mirror of parseMetalink(bytes, 'repomd.xml').urls) assert.match(mirror, /^https?:/)
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error))
        }
      }),
    )
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from './format-error.ts'
import { childOf, parseXml } from './xml.ts'
import { escapeAttribute, escapeText, unescapeXml } from './xml-text.ts'

const parse = (text: string) => parseXml(Buffer.from(text))

/** Everything that an XML 1.0 document can hold. */
const xmlText = fc
  .string({ unit: 'binary' })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML cannot hold
  .map((text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').toWellFormed())

describe('a small XML document', () => {
  it('becomes a tree with resolved prefixes, CDATA as text, and without comments', () => {
    const root = parse(`<?xml version="1.0"?><a xmlns="urn:one" xmlns:t="urn:two" xml:base='http://x/'>
      <!-- <b/> --><t:b c="1 &gt; 0" t:d="no">x<![CDATA[<y>]]>&#233;</t:b></a>`)
    assert.deepEqual([root.name, root.namespace, root.attributes.get('xml:base')], ['a', 'urn:one', 'http://x/'])
    const child = childOf(root, 'b')
    assert.deepEqual(
      [child?.namespace, child?.text, child?.attributes.get('c'), child?.attributes.get('d')],
      ['urn:two', 'x<y>é', '1 > 0', undefined],
    )
  })

  it('is refused when it is not well-formed, not UTF-8, or holds unknown entities', () => {
    for (const text of [
      '',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a>&nbsp;</a>',
      '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
      '<a b=c/>',
    ]) {
      assert.throws(
        () => parse(text),
        (error) => error instanceof FormatError && error.fault === 'malformed',
        text,
      )
    }
    assert.throws(() => parseXml(Buffer.from('<a>\xe9</a>', 'latin1')), FormatError)
  })

  it('is refused when it is larger or deeper than allowed', () => {
    const tooLarge = (error: unknown) => error instanceof FormatError && error.fault === 'too-large'
    assert.throws(() => parse('<a>'.repeat(33) + '</a>'.repeat(33)), tooLarge)
    assert.throws(() => parseXml(Buffer.from('<a></a>'), { maxBytes: 6 }), tooLarge)
  })
})

describe('escaped text', () => {
  it('comes back from an XML parser as it was, in elements and attributes', () => {
    fc.assert(
      fc.property(xmlText, (text) => {
        const root = parse(`<a b="${escapeAttribute(text)}">${escapeText(text)}</a>`)
        assert.equal(root.text, text)
        assert.equal(root.attributes.get('b'), text)
      }),
    )
  })

  it('is the inverse of unescaping', () => {
    fc.assert(fc.property(xmlText, (text) => assert.equal(unescapeXml(escapeAttribute(text)), text)))
  })

  it('replaces what no XML document can hold', () => {
    assert.equal(escapeText('a\u0000b\u001bc\uffffd\ud800e'), 'a\ufffdb\ufffdc\ufffdd\ufffde')
  })

  it('refuses entities that XML does not know', () => {
    assert.equal(unescapeXml('&lt;&#65;&#x1F600;&apos;'), "<A😀'")
    for (const text of ['&nbsp;', '& ', '&#x110000;', '&amp', '&#xZZ;'])
      assert.throws(() => unescapeXml(text), FormatError, text)
  })
})

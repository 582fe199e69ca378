import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FormatError } from '../../../formats/format-error.ts'
import { parseXml } from '../../../formats/xml.ts'
import { anRpm, snippetWriters } from '../../../testing/repodata.ts'
import { isPlainMarkup } from './plain-markup.ts'

const isPlain = (text: string | Uint8Array) => isPlainMarkup(Buffer.from(text))
const snippets = Object.values(snippetWriters).map((write) =>
  write(anRpm({ name: 'bär & co', files: ['/a b', '/<c>'] })),
)

describe('plain markup', () => {
  it('is what usual tools write', () => {
    for (const snippet of snippets) assert.ok(isPlain(snippet), snippet)
    for (const text of [
      '<a b=\'1\' c="&apos;&quot;"/>',
      '<a ><rpm:b xml:base="x"\n/>\ufffd\u007f</a >',
      '<a></a>',
      '<a b="J&#xFC;rgen">&#10;&#65;&#x10ffff;</a>',
    ])
      assert.ok(isPlain(text), text)
  })

  it('is not what no parser takes, nor what has to be looked at by one', () => {
    for (const text of [
      '',
      '<a>',
      '</a>',
      '<a></b>',
      '<a></aa>',
      '<aa></a>',
      '<a><b></a></b>',
      '<a/><a/>',
      '<a/> ',
      'a',
    ])
      assert.ok(!isPlain(text), text)
    for (const inside of [
      '&a9;',
      '&#0;',
      '&#xD800;',
      '&#x110000;',
      '&#65',
      '&#x;',
      '&#xFFFE;',
      '&#31;',
      '&#11;',
      '&',
      '&am',
      '<',
      '\0',
      '\x1f',
      '\ufffe',
      '\uffff',
      '<!-- -->',
      '<![CDATA[]]>',
      '<1/>',
    ])
      assert.ok(!isPlain(`<a>${inside}</a>`), inside)
    for (const attributes of [
      'b',
      'b=1',
      'b="1',
      'b="<"',
      'b="&"',
      'b="1"c="2"',
      'b="1" b="2"',
      'xmlns="x"',
      'x:b="1"',
      'b="\x01"',
    ])
      assert.ok(!isPlain(`<a ${attributes}/>`), attributes)
    for (const element of ['<o:a/>', '<rpm:/>', '<:a/>', '<rpm:a:b/>', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`])
      assert.ok(!isPlain(element), element)
  })

  it('is sound, whatever was changed in it', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      '&',
      ';',
      '=',
      ' ',
      '\0',
      '\x0b',
      '</file>',
      '<a>',
      '&lt;',
      '&#x',
      '&#7',
      'é',
      ':',
      'rpm:',
    )
    const changed = fc.tuple(
      fc.constantFrom(...snippets),
      fc.array(fc.tuple(fc.nat(2_000), fc.nat(3), pieces), { maxLength: 3 }),
    )
    fc.assert(
      fc.property(changed, ([snippet, changes]) => {
        const text = changes.reduce(
          (before, [at, cut, piece]) => before.slice(0, at) + piece + before.slice(at + cut),
          snippet,
        )
        if (isPlain(text)) parse(text)
      }),
      { numRuns: 2_000 },
    )
  })
})

function parse(text: string): void {
  try {
    parseXml(Buffer.from(`<root xmlns="a" xmlns:rpm="b">${text}</root>`))
  } catch (error) {
    throw error instanceof FormatError ? new Error(`${error.message}: ${text}`) : error
  }
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { UnsoundText } from './unsound-text.ts'

const nowhere = Number.POSITIVE_INFINITY
const first = (text: string | Uint8Array, from = 0) => new UnsoundText(Buffer.from(text)).first(from)

describe('unsound text', () => {
  it('is none in what tools write', () => {
    assert.equal(first('<a b="&quot;&apos;">grün\t&lt;&gt;&amp;\r\n\ufffd\u007f</a>'), nowhere)
    assert.equal(first(''), nowhere)
  })

  it('is a reference to anything else', () => {
    for (const reference of ['&a9;', '&#0;', '&#65;', '&', '&amp', '&am', '&gt'])
      assert.equal(first(`ab${reference}`), 2)
  })

  it('is a character that XML does not have', () => {
    for (const character of ['\0', '\x01', '\x08', '\x0b', '\x1f', '\ufffe', '\uffff'])
      for (let at = 0; at < 9; at += 1) assert.equal(first(`${'a'.repeat(at)}${character}bcdefgh`), at)
  })

  it('is found from any place on, as by a search of each byte', () => {
    const bytes = fc.array(fc.constantFrom(0x00, 0x0a, 0x1f, 0x20, 0x26, 0x3b, 0x7f, 0x80, 0xa0, 0xff), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(bytes, fc.nat(40), fc.nat(7), (list, from, offset) => {
        // Behind some other bytes, so that it begins at any place of a word.
        const data = Buffer.from([...Array<number>(offset).fill(0), ...list]).subarray(offset)
        const found = list.findIndex((byte, at) => at >= from && (byte === 0x26 || (byte < 0x20 && byte !== 0x0a)))
        assert.equal(new UnsoundText(data).first(from), found === -1 ? nowhere : found)
      }),
    )
  })
})

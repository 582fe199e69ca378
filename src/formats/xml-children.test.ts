import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FormatError } from './format-error.ts'
import { childOf, type XmlElement } from './xml.ts'
import { xmlChildren } from './xml-children.ts'

function inPieces(text: string, length: number): Uint8Array[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
    bytes.subarray(at * length, (at + 1) * length),
  )
}

const read = (text: string, length = 1000): Promise<XmlElement[]> =>
  Array.fromAsync(xmlChildren(inPieces(text, length), 'list'))

function refuses(text: string, fault: string): Promise<void> {
  return assert.rejects(read(text, 3), (error) => error instanceof FormatError && error.fault === fault)
}

describe('the children of a long XML document', () => {
  it('come as trees, however the document is cut into pieces', async () => {
    const text =
      '<?xml version="1.0"?><list n="1"> <a b="1"><c>größe</c></a><!-- x --><d/>\n<a><![CDATA[<x>]]></a></list>'
    for (const length of [1, 2, 7, 1000]) {
      const children = await read(text, length)
      assert.deepEqual(
        children.map(({ name, text }) => [name, text]),
        [
          ['a', ''],
          ['d', ''],
          ['a', '<x>'],
        ],
      )
      const [first] = children
      assert.equal(first && childOf(first, 'c')?.text, 'größe')
    }
  })

  it('come while the rest is not there yet', async () => {
    const endless = async function* () {
      yield Buffer.from('<list>')
      for (;;) yield Buffer.from('<a/>')
    }
    let seen = 0
    for await (const child of xmlChildren(endless(), 'list')) {
      assert.equal(child.name, 'a')
      seen += 1
      if (seen === 10) break
    }
    assert.equal(seen, 10)
  })

  it('are refused when the document is cut off, wrong or another', async () => {
    for (const text of [
      '',
      '<list>',
      '<list><a>',
      '<list><a></b></list>',
      '<other><a/></other>',
      '<list/><list/>',
      '<list>&x;</list>',
    ])
      await refuses(text, 'malformed')
    await refuses(`<list>${'<a>'.repeat(40)}`, 'too-large')
    await assert.rejects(
      Array.fromAsync(xmlChildren([Buffer.from('<list>\xe9</list>', 'latin1')], 'list')),
      FormatError,
    )
  })

  it('are refused when one is larger than memory should hold', async () => {
    const endless = function* () {
      yield Buffer.from('<list><a>')
      for (;;) yield Buffer.alloc(1024 ** 2, 'x')
    }
    const isTooLarge = (error: unknown) => error instanceof FormatError && error.fault === 'too-large'
    await assert.rejects(Array.fromAsync(xmlChildren(endless(), 'list')), isTooLarge)
  })
})

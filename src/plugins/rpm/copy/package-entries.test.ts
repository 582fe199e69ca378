import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { escapeAttribute, escapeText } from '../../../formats/xml-text.ts'
import { entriesIn, evrText, filesIn } from './package-entries.ts'
import { senses } from './version-range.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'B', '1', '.', '(', ')', ' ', '<', '>', '&', "'", '"', 'ö', '🐻') })
const filled = text.filter((one) => one.trim() !== '')
const entry = fc.record({
  name: text,
  range: fc.option(
    fc.record({
      flags: fc.constantFrom('EQ', 'LT', 'LE', 'GT', 'GE'),
      epoch: fc.nat(9),
      version: filled,
      release: text,
    }),
  ),
  pre: fc.boolean(),
  usual: fc.boolean(),
})
type Entry = typeof entry extends fc.Arbitrary<infer Value> ? Value : never

/** As createrepo_c writes it, or in another way that means the same. */
function print({ name, range, pre, usual }: Entry): string {
  const attributes = [`name="${escapeAttribute(name)}"`]
  if (range !== null) {
    attributes.push(`flags="${range.flags}"`, `epoch="${range.epoch}"`, `ver="${escapeAttribute(range.version)}"`)
    if (range.release !== '') attributes.push(`rel="${escapeAttribute(range.release)}"`)
  }
  if (pre) attributes.push('pre="1"')
  if (usual) return `<rpm:entry ${attributes.join(' ')}/>`
  const turned = attributes.toReversed().map((attribute) => attribute.replaceAll('&gt;', '>'))
  return `<rpm:entry\n ${turned.join('  ')} ></rpm:entry>`
}

function expected({ name, range }: Entry) {
  if (range === null) return { name, sense: 0, evr: '' }
  return { name, sense: senses[range.flags], evr: evrText(String(range.epoch), range.version, range.release) }
}

const snippet = (provides: readonly Entry[], requires: readonly Entry[], files: readonly string[]) =>
  Buffer.from(`<package type="rpm"><name>x</name><format>
    <rpm:provides>${provides.map(print).join('\n')}</rpm:provides><rpm:conflicts>${provides.map(print).join('')}</rpm:conflicts>
    <rpm:requires>${requires.map(print).join('')}</rpm:requires>
    ${files.map((path) => `<file${path.length % 2 === 0 ? '' : ' type="dir"'}>${escapeText(path)}</file>`).join('\n')}
    </format></package>`).toString('latin1')

describe('what a package provides, requires and holds', () => {
  it('is read out of its element, however it is written', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), fc.array(text), (provides, requires, files) => {
        const element = snippet(provides, requires, files)
        assert.deepEqual([...entriesIn(element, 'provides')], provides.map(expected))
        assert.deepEqual([...entriesIn(element, 'requires')], requires.map(expected))
        assert.deepEqual([...filesIn(element)], files)
      }),
    )
  })

  it('is nothing where the element has none, and whatever can be read of one that is cut off', () => {
    assert.deepEqual([...entriesIn('<package/>', 'requires')], [])
    const whole = snippet([{ name: 'a', range: null, pre: false, usual: false }], [], ['/b'])
    for (let length = 0; length < whole.length; length += 1) {
      const found = [...entriesIn(whole.slice(0, length), 'provides')]
      assert.ok(found.length <= 1 && [...filesIn(whole.slice(0, length))].length <= 1)
    }
  })
})

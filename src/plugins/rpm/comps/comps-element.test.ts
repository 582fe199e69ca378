import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { XmlElement } from '../../../formats/xml.ts'
import { canonicalElement, canonicalXml } from '../../../testing/canonical-xml.ts'
import { printElement } from './comps-element.ts'
import { toCompsUnit } from './comps-unit.ts'

describe('an element of comps.xml', () => {
  it('is the same when it was printed and read, whatever is in it', () => {
    const text = fc.constantFrom('', 'x', ' <&> "größe"\n\t\r', ']]>')
    const attributes = fc
      .dictionary(fc.constantFrom('a', 'b', 'xml:lang'), text)
      .map((one) => new Map(Object.entries(one)))
    const name = fc.constantFrom('id', 'name', 'packagelist', 'odd')
    const { element } = fc.letrec<{ element: XmlElement }>((tie) => ({
      element: fc
        .tuple(name, attributes, fc.oneof(text, fc.array(tie('element'), { minLength: 1, maxLength: 4 })))
        .map(([name, attributes, inner]) => ({
          name,
          namespace: '',
          attributes,
          ...(typeof inner === 'string' ? { text: inner, children: [] } : { text: '', children: inner }),
        })),
    }))
    fc.assert(
      fc.property(element, (one) => {
        assert.deepEqual(canonicalXml(printElement(one)), canonicalElement(one))
        const group = { ...one, name: 'group' }
        const unit = toCompsUnit(group, '1')
        assert.ok(unit !== undefined)
        assert.deepEqual(canonicalXml(unit.documents?.['element'] ?? Buffer.alloc(0)), canonicalElement(group))
      }),
    )
  })
})

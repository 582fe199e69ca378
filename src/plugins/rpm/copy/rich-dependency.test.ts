import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { capabilitiesOf, type Dependency, parseRichDependency } from './rich-dependency.ts'
import { senses } from './version-range.ts'

const one = (name: string, sense = 0, evr = ''): Dependency => ({ kind: 'one', capability: { name, sense, evr } })

const signs = { LT: '<', LE: '<=', EQ: '=', GE: '>=', GT: '>' } as const

const leaf: fc.Arbitrary<Dependency> = fc.oneof(
  fc.constantFrom('bear', 'libz.so.1()(64bit)', 'perl(Foo::Bar)', 'or-else', '/usr/bin/zoo').map((name) => one(name)),
  fc
    .constantFrom(...(Object.keys(signs) as (keyof typeof signs)[]))
    .map((flags) => one('lion', senses[flags], '1:2-3')),
)

const { rich } = fc.letrec<{ rich: Dependency; part: Dependency }>((tie) => ({
  part: fc.oneof({ maxDepth: 3 }, leaf, tie('rich')),
  rich: fc.oneof(
    fc.record(
      {
        kind: fc.constantFrom('and' as const, 'or' as const, 'with' as const),
        parts: fc.array(tie('part'), { minLength: 2, maxLength: 4 }),
      },
      { noNullPrototype: true },
    ),
    fc.record(
      { kind: fc.constant('without' as const), wanted: tie('part'), unwanted: tie('part') },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        kind: fc.constantFrom('if' as const, 'unless' as const),
        wanted: tie('part'),
        condition: tie('part'),
        otherwise: tie('part'),
      },
      { requiredKeys: ['kind', 'wanted', 'condition'], noNullPrototype: true },
    ),
  ),
}))

function print(dependency: Dependency): string {
  switch (dependency.kind) {
    case 'one': {
      const { name, sense, evr } = dependency.capability
      const sign = Object.entries(signs).find(([flags]) => senses[flags] === sense)?.[1]
      return sign === undefined ? name : `${name} ${sign} ${evr}`
    }
    case 'without':
      return `(${print(dependency.wanted)} without ${print(dependency.unwanted)})`
    case 'if':
    case 'unless': {
      const { kind, wanted, condition, otherwise } = dependency
      const rest = otherwise === undefined ? '' : ` else ${print(otherwise)}`
      return `(${print(wanted)} ${kind} ${print(condition)}${rest})`
    }
    default:
      return `(${dependency.parts.map(print).join(` ${dependency.kind} `)})`
  }
}

describe('rich dependencies', () => {
  it('are read as they are printed', () => {
    fc.assert(fc.property(rich, (dependency) => assert.deepEqual(parseRichDependency(print(dependency)), dependency)))
  })

  it('may be a single one in parentheses', () => {
    assert.deepEqual(parseRichDependency('( bear >= 1 )'), one('bear', senses['GE'], '1'))
  })

  for (const text of [
    '',
    'bear',
    '(',
    '()',
    '(bear',
    '(a or)',
    '(a or b and c)',
    '(a if b c)',
    '(a else b)',
    '(a or b) c',
  ])
    it(`are none in ${JSON.stringify(text)}`, () => assert.equal(parseRichDependency(text), undefined))

  it('are none where parentheses are nested without end, and never break the reader', () => {
    assert.equal(parseRichDependency('('.repeat(100_000)), undefined)
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('(', ')', ' ', 'or', 'if', 'a', '=') }), (text) => {
        parseRichDependency(text)
      }),
    )
  })

  it('name capabilities, those of conditions too', () => {
    const dependency = parseRichDependency('(a or (b if c else d))')
    assert.ok(dependency !== undefined)
    assert.deepEqual(
      [...capabilitiesOf(dependency)].map(({ name }) => name),
      ['a', 'b', 'c', 'd'],
    )
  })
})

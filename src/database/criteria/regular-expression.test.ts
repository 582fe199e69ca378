import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { DeckleError } from '../../core/errors.ts'
import { onOneDatabase } from '../../testing/databases.ts'
import type { Database } from '../connection.ts'
import { sqlState } from '../postgres-errors.ts'
import { toPostgresPattern } from './regular-expression.ts'

async function matching(database: Database, pattern: string, options: string, texts: readonly string[]) {
  const expression = toPostgresPattern(pattern, options)
  const { rows } = await sql<{ matched: boolean }>`SELECT text COLLATE "C" ~ ${expression} AS matched
    FROM unnest(${[...texts]}::text[]) WITH ORDINALITY AS candidate(text, position) ORDER BY position`.execute(database)
  return rows.map((row) => row.matched)
}

describe('A regular expression', () => {
  it('is refused when PostgreSQL does not have it, or not in bounded time', () => {
    const patterns = [
      '(a)\\1',
      'a*+',
      '(?>a)',
      '\\p{L}',
      'a\\Kb',
      '(?i:a)',
      '(?#comment)a',
      '\\Qa\\E',
      '(*UTF8)a',
      'a{300}',
      '(?:a{255}){255}',
      'x'.repeat(1001),
    ]
    for (const pattern of [...patterns, '[a', 'a\\', ')', '\\x{110000}', '(?x)a b']) {
      assert.throws(
        () => toPostgresPattern(pattern),
        (error: unknown) => error instanceof DeckleError && error.details.code === 'bad-criteria',
        pattern,
      )
    }
    assert.throws(() => toPostgresPattern('a', 'x'), /option x/)
  })

  it('may repeat where repetitions do not multiply', () => {
    assert.ok(toPostgresPattern('^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'))
  })
})

onOneDatabase('A regular expression in the database', (fresh) => {
  it('matches what it matches elsewhere', async () => {
    const { database } = await fresh.open()
    const cases: [pattern: string, options: string, yes: string[], no: string[]][] = [
      ['elephant', '', ['an elephant'], ['Elephant']],
      ['elephant', 'i', ['Elephant'], ['e']],
      ['(?i)^ele', '', ['ELEphant'], ['an ele']],
      ['^a.c$', '', ['abc'], ['a\nc', 'ac']],
      ['^a.c$', 's', ['a\nc'], []],
      ['^b$', 'm', ['a\nb\nc'], ['ab']],
      ['^b$', '', ['b'], ['a\nb\nc']],
      ['\\bzoo\\b', '', ['the zoo.'], ['zoology']],
      ['\\d+\\.\\d+', '', ['1.2'], ['1x2']],
      ['a{2,3}b?', '', ['aa'], ['a']],
      ['a{x}', '', ['a{x}'], ['ax']],
      ['[]a]', '', [']'], ['b']],
      ['[[:digit:]_]', '', ['1', '_'], ['a']],
      ['[a[]', '', ['['], ['b']],
      ['[^\\s]', '', ['a'], [' ']],
      ['(?P<name>x)(?<other>y)', '', ['xy'], ['x']],
      ['x(?=y)', '', ['xy'], ['xz']],
      ['(?<!x)y', '', ['zy'], ['xy']],
      ['\\x41\\x{1F600}', '', ['A😀'], ['A']],
      ['\\.repo$', '', ['a.repo', 'a.repo\n'], ['arepo', 'a.repo\n\n']],
      ['a\\Z', '', ['a', 'a\n'], ['ab']],
      ['a\\z', '', ['a'], ['a\n']],
      ['^\\w+$', '', ['a_1'], ['é', 'ж']],
      ['[[:alpha:]]', '', ['a'], ['é']],
      ['\\bx', '', ['éx'], ['ax']],
      ['É[àb]', 'i', ['éÀ', 'ÉB'], ['eà']],
      ['^[à-ý]$', '', ['é'], ['z', 'e']],
      ['a\\vb', '', ['a\nb', 'a\u2028b'], ['a b']],
      ['a\\Rb', '', ['a\r\nb'], ['ab']],
      ['a+?b', '', ['aab'], ['b']],
      ['(?!x)y', '', ['xy'], ['x']],
      ['(a|b|)c', '', ['c', 'bc'], ['a']],
    ]
    for (const [pattern, options, yes, no] of cases) {
      const expected = [...yes.map(() => true), ...no.map(() => false)]
      assert.deepEqual(await matching(database, pattern, options, [...yes, ...no]), expected, pattern)
    }
  })

  it('of any text is refused by us, refused by the database as a pattern, or runs', async () => {
    const { database } = await fresh.open()
    const piece = fc.constantFrom(...'ab.*+?|()[]{}^$\\-:=!<>,12xdwsbnPQ', '(?', '[[:alpha:]]', '{1,2}', '***:')
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        try {
          await matching(database, pieces.join(''), '', ['ab', ''])
        } catch (error) {
          assert.ok(error instanceof DeckleError || sqlState(error) === '2201B', String(error))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('finds what JavaScript finds, where both languages are the same', async () => {
    const { database } = await fresh.open()
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '1', ' ', '\n'), maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(commonPattern, fc.array(text, { minLength: 5, maxLength: 10 }), async (pattern, texts) => {
        const inJavaScript = new RegExp(pattern.replaceAll('$', '(?=\\n?$)'), 's')
        const expected = texts.map((one) => inJavaScript.test(one))
        assert.deepEqual(await matching(database, pattern, 's', texts), expected)
      }),
      { numRuns: 300 },
    )
  })
})

const commonPattern = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', '.', '\\.', '\\d', '\\s', '\\b', '[ab]', '[^a]', '[a-b1]', '[\\d ]', '^', '$', '\\n'),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
    fc
      .tuple(fc.constantFrom('a', '.', '[ab]'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,2}', '{1,}'))
      .map((parts) => parts.join('')),
    tie('pattern').map((inner) => `(?=${inner})`),
  ),
  pattern: fc.oneof(
    fc.array(tie('atom'), { minLength: 1, maxLength: 3 }).map((atoms) => atoms.join('')),
    fc.tuple(tie('atom'), tie('atom')).map((atoms) => atoms.join('|')),
  ),
})).pattern

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json, JsonObject } from '../../../core/json.ts'
import { readQuery } from '../request/query.ts'
import type { Field } from '../schema/field.ts'
import type { TypeSchema } from '../schema/type-schema.ts'
import { checkFields } from './check-fields.ts'

/** What no type of ours has at the moment; the rest is in `rules.test.ts`. */
function check(field: Field, given: JsonObject, query = ''): Json {
  const none = { stored: [], base: 'thing', verbs: {}, filters: {}, links: {} }
  const schema: TypeSchema = { id: 'thing', plural: 'things', ...none, fields: { it: { create: true, ...field } } }
  try {
    return checkFields(schema, 'project', 'create', { fields: given, parameters: readQuery(query) })['it'] ?? null
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

describe('A field', () => {
  const rows: readonly (readonly [title: string, field: Field, given: Json, result: Json])[] = [
    ['needs an item where it is required', { type: 'array[string]', required: true }, [], 'MissingRequired'],
    ['converts every item', { type: 'array[int]' }, ['1', 2], [1, 2]],
    ['holds every item against its limits', { type: 'array[int]', max: 1 }, [1, 2], 'MaxLimitExceeded'],
    ['refuses characters', { type: 'string', invalidChars: '<>' }, 'a<b', 'InvalidCharacters'],
    ['takes fractions', { type: 'float' }, '1.5', 1.5],
    ['takes no text for a fraction', { type: 'float' }, '', 'InvalidFormat'],
    ['takes truth as text', { type: 'boolean' }, 'TRUE', true],
    ['takes no number for truth', { type: 'boolean' }, 1, 'InvalidFormat'],
    ['takes dates as text', { type: 'date' }, '2015-11-18T21:03:11Z', 1447880591000],
    ['takes dates as milliseconds', { type: 'date' }, 1447880591000, 1447880591000],
    ['takes no other dates', { type: 'date' }, '18 Nov 2015', 'InvalidDateFormat'],
    ['takes no dates that nobody can write', { type: 'date' }, 1e15, 'InvalidDateFormat'],
    ['takes anything for json', { type: 'json' }, { a: [null] }, { a: [null] }],
    ['keeps null where it may', { type: 'map[string]', nullable: true }, null, null],
    ['takes ids for references', { type: 'reference[host]' }, '1h5', 5],
    ['takes no numbers for references', { type: 'reference[host]' }, 5, 'InvalidReference'],
    ['takes no ids beyond all rows', { type: 'reference[host]' }, '1h9999999999999999', 'InvalidReference'],
  ]
  for (const [title, field, given, result] of rows) {
    it(title, () => assert.deepEqual(check(field, { it: given }), result))
  }

  it('takes now for a date', () => {
    const before = Date.now()
    assert.ok(Number(check({ type: 'date' }, { it: 'now' })) >= before)
  })

  it('takes all parameters of its name for an array, and the last one else', () => {
    assert.deepEqual(check({ type: 'array[string]' }, {}, 'it=a&it=b'), ['a', 'b'])
    assert.deepEqual(check({ type: 'array[string]' }, {}, 'it=a'), ['a'])
    assert.equal(check({ type: 'string' }, {}, 'it=a&it=b'), 'b')
    assert.equal(check({ type: 'string' }, { it: 'c' }, 'it=a'), 'c')
  })
})

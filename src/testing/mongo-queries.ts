import fc from 'fast-check'
import type { Json, JsonObject } from '../core/json.ts'

/** Few keys, so that queries and documents meet; some of them nasty: empty, numbers, quotes, not ASCII. */
const nasty = ['1', '01', '', 'é', 'it\'s $."quoted"', '__proto']
const key = fc.oneof({ arbitrary: fc.constantFrom('a', '0'), weight: 3 }, fc.constantFrom('b', ...nasty))
/** No path can name a key with a dot: it separates. */
const storedKey = fc.oneof({ arbitrary: key, weight: 8 }, fc.constantFrom('a.b', 'a.0'))

const numbers = [-0, 0, 1, 1.5, 2, -1, 255, 2 ** 53, 2 ** 53 + 2, 1e21, 1e300, -1e300, 5e-324, 0.1, 1e18]
const texts = [
  '',
  'a',
  'A',
  'ab',
  'ba',
  'a\n',
  'a\nb',
  'é',
  'É',
  '😀',
  '\uffff',
  '1',
  'true',
  'null',
  '0.1',
  '[]',
  '\\',
  "'--",
]
const scalar: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.constantFrom<Json>(null, true, 1, 'a'), weight: 2 },
  fc.constantFrom<Json>(false, ...numbers, ...texts),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(storedKey, tie('value'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  ),
})).value

/** Documents that a server may store. */
export const mongoDocument: fc.Arbitrary<Json> = fc.dictionary(storedKey, value, { maxKeys: 4, noNullPrototype: true })

const operand = fc.oneof({ arbitrary: scalar, weight: 3 }, { arbitrary: value, weight: 1 })

const path = fc.array(key, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('.'))
const remainder = fc.tuple(fc.constantFrom(1, 2, 3, -4, 1000), fc.constantFrom(0, 1, 2, -1, 3))
const typeName = fc.constantFrom<Json>(1, 2, 3, 4, 8, 10, 'string', 'number', 'bool', 'object', 'array', 'null', 'int')

/** Expressions that mean the same to PCRE and, with flag `u`, to JavaScript. */
const pattern = fc.constantFrom(
  ...['a', '^a$', 'b$', '^', '$', '', '.', '^.$', 'a.b', '^..$', '[^a]', '[a-b]+', 'a|b', '(a)(b)', '(?:ab)?$', 'a*?b'],
  ...[
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\bb',
    '\\Ba',
    'a(?=b)',
    'a(?!b)',
    '(?<=a)b',
    '(?<!a)b',
    'a{1,2}',
    '(?i)AB',
    '\\.',
    '(?i)É',
  ],
)
const options = fc.constantFrom('', 'i', 'm', 's', 'im', 'is', 'ims')

/** One operator with its operand, for a field. */
const condition: fc.Arbitrary<JsonObject> = fc.letrec<{ one: JsonObject; several: JsonObject; nested: JsonObject }>(
  (tie) => ({
    one: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'condition' },
      fc.record({ $eq: operand }),
      fc.record({ $ne: operand }),
      fc.record({ $in: fc.array(operand, { maxLength: 3 }) }),
      fc.record({ $nin: fc.array(operand, { maxLength: 3 }) }),
      fc.record({ $all: fc.array(fc.oneof(operand, tie('nested')), { maxLength: 3 }) }),
      ...['$gt', '$gte', '$lt', '$lte'].map((operator) => scalar.map((than) => ({ [operator]: than }))),
      fc.record({ $exists: fc.constantFrom<Json>(true, false, 0, 1, null, '') }),
      fc.record({ $size: fc.nat(3) }),
      fc.record({ $mod: remainder }),
      fc.record({ $type: fc.oneof(typeName, fc.array(typeName, { minLength: 1, maxLength: 2 })) }),
      fc.record({ $regex: pattern, $options: options }, { requiredKeys: ['$regex'] }),
      fc.record({ $not: fc.oneof(tie('several'), pattern) }),
      tie('nested'),
    ),
    several: fc.array(tie('one'), { minLength: 1, maxLength: 2 }).map((all) => Object.assign({}, ...all) as JsonObject),
    nested: fc.record({ $elemMatch: fc.oneof(tie('several'), queryOf(tie('several'))) }),
  }),
).several

function queryOf(conditions: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const field = fc.oneof({ arbitrary: conditions, weight: 4 }, operand)
  return fc.letrec<{ query: JsonObject; list: JsonObject[] }>((tie) => ({
    list: fc.array(tie('query'), { minLength: 1, maxLength: 3 }),
    query: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'query' },
      { arbitrary: fc.dictionary(path, field, { minKeys: 1, maxKeys: 2, noNullPrototype: true }), weight: 4 },
      fc.record({ $and: tie('list') }),
      fc.record({ $or: tie('list') }),
      fc.record({ $nor: tie('list') }),
    ),
  })).query
}

/** Valid query documents with every operator that the API takes. */
export const mongoQuery: fc.Arbitrary<JsonObject> = queryOf(condition)

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { DeckleError } from '../../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.ts'
import { parseRepeatingInterval } from '../../../core/repeating-interval.ts'
import { PulpServer } from '../../../testing/pulp-server.ts'
import { pulpRoutes } from '../pulp-api.ts'

const routes = pulpRoutes(new PulpServer().services)
const shapes = new Map(routes.flatMap(({ method, path, shape }) => (shape ? [[`${method} ${path}`, shape]] : [])))
const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 20_000 : 300

function accepts(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof DeckleError) return false
    throw error
  }
}

/** What JSON Schema has no words for. */
const formats = {
  'repeating-interval': (text: string) => parseRepeatingInterval(text, new Date()) !== undefined,
}

describe('The printed schema of a body', () => {
  const ajv = new Ajv2020({ strict: false, formats })

  it('is there for most routes that take one', () => assert.ok(shapes.size >= 10, `${shapes.size}`))

  for (const [name, shape] of shapes) {
    it(`accepts what ${name} accepts, and nothing else`, () => {
      const isValid = ajv.compile(shape.schema)
      const seen = new Set<boolean>()
      fc.assert(
        fc.property(likely(shape.schema, true), (body) => {
          if (!isJsonObject(body)) return
          const accepted = accepts(() => shape.read(body))
          seen.add(accepted)
          assert.equal(isValid(body), accepted, `${JSON.stringify(body)}: ${ajv.errorsText(isValid.errors)}`)
        }),
        { numRuns: runs },
      )
      assert.ok(seen.has(true), 'no body was accepted')
    })
  }
})

const names = fc.string({ minLength: 1, maxLength: 3 }).filter((name) => name !== '__proto__')
const anyJson: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)))

/** Values that fit a schema more often than not; `strict` leaves the rest to the members. */
function likely(schema: JsonObject, strict = false): fc.Arbitrary<Json> {
  const right = fc.oneof(...fitting(schema))
  if (strict) return right
  return fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: anyJson },
  )
}

function fitting(schema: JsonObject): readonly fc.Arbitrary<Json>[] {
  const { anyOf, enum: choices, prefixItems, examples } = schema
  if (Array.isArray(examples)) return [fc.constantFrom(...examples), anyJson]
  if (Array.isArray(choices)) return [fc.constantFrom(...choices)]
  if (Array.isArray(anyOf)) return anyOf.filter(isJsonObject).flatMap(fitting)
  if (Array.isArray(prefixItems)) {
    const all = prefixItems.filter(isJsonObject).map((item) => likely(item))
    return [fc.tuple(...all).map((values) => [...values]), fc.array(anyJson, { maxLength: 3 })]
  }
  const types = [schema['type'] ?? []].flat()
  return types.length === 0 ? [anyJson] : types.map((type) => ofType(String(type), schema))
}

function ofType(type: string, schema: JsonObject): fc.Arbitrary<Json> {
  const pattern = schema['pattern']
  if (type === 'string')
    return typeof pattern === 'string' ? fc.oneof(fc.stringMatching(new RegExp(pattern)), fc.string()) : fc.string()
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  if (type === 'array') return fc.array(likely(isJsonObject(schema['items']) ? schema['items'] : {}), { maxLength: 3 })
  if (type !== 'object') return edges(schema)
  return objects(schema)
}

/** Numbers at and beyond the ends, and others. */
function edges({ minimum, maximum }: JsonObject): fc.Arbitrary<number> {
  const [least, most] = [Number(minimum ?? 0), Number(maximum ?? 100)]
  return fc.oneof(
    fc.constantFrom(least, least - 1, most, most + 1, 1.5, 1e300),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
}

function objects(schema: JsonObject): fc.Arbitrary<JsonObject> {
  const { properties, required, additionalProperties } = schema
  const members = Object.entries(isJsonObject(properties) ? properties : {}).filter(
    (entry): entry is [string, JsonObject] => isJsonObject(entry[1]),
  )
  const model = Object.fromEntries(members.map(([name, member]) => [name, likely(member)]))
  const needed = Array.isArray(required) ? required.map(String) : []
  const having = (requiredKeys: readonly string[]) =>
    fc.record(model, { requiredKeys: [...requiredKeys] }).map((body): JsonObject => JSON.parse(JSON.stringify(body)))
  const known = fc.oneof({ weight: 5, arbitrary: having(needed) }, { weight: 1, arbitrary: having([]) })
  const other = isJsonObject(additionalProperties) ? likely(additionalProperties) : anyJson
  const rest = fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(names, other, { maxKeys: 2 }) },
  )
  return fc.tuple(rest, known).map(([extra, body]) => ({ ...extra, ...body }))
}

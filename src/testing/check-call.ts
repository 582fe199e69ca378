import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { JsonObject } from '../core/json.ts'
import type { Route } from '../http/kit/route.ts'

interface Made {
  readonly method: string
  /** With or without a query. */
  readonly target: string
  readonly body: unknown
}

interface Answered {
  readonly status: number
  readonly json: unknown
}

/**
 * Holds a call and its answer against what the route says of them. A body that was taken must fit the printed schema; answers
 * must have a form that is listed, failures the usual one.
 */
export function checkCall(routes: readonly Route[], made: Made, answered: Answered): void {
  const route = routeOf(routes, made)
  if (route === undefined) return
  const name = `${route.method} ${route.path} → ${answered.status}`
  const listed = route.answers?.[answered.status]
  if (listed === undefined) {
    assert.ok(answered.status >= 400, `${name} is not among the answers of its route`)
    assert.ok(Value.Check(schemaOf('PulpErrorBody'), answered.json), `${name} is no error body`)
    return
  }
  if (answered.status < 400) {
    checkBody(route, made.body, name)
    checkQuery(route, made.target, name)
  }
  const faults = Value.Errors(schemaOf(listed), answered.status === 204 ? null : answered.json)
  assert.deepEqual([...faults].slice(0, 3), [], `${name} is no ${listed}`)
}

/** By the most literal path that fits, as the router finds it. */
function routeOf(routes: readonly Route[], { method, target }: Made): Route | undefined {
  const [path = ''] = target.replaceAll(/\/{2,}/g, '/').split('?')
  const fitting = routes.filter((route) => patternOf(route).test(path))
  const [nearest] = fitting.toSorted((one, other) => parameters(one) - parameters(other))
  return fitting.find((route) => route.path === nearest?.path && route.method === method)
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)
}

function parameters({ path }: Route): number {
  return path.split(':').length
}

/** Of all modules of the wire, those not yet in the API reference too. */
const wire = new URL('../wire/pulp/', import.meta.url)
const modules = await Promise.all(readdirSync(wire).map((name) => import(new URL(name, wire).href)))
const wireSchemas: Readonly<Record<string, TSchema>> = Object.assign({}, ...modules)

function schemaOf(name: string | null): TSchema {
  if (name === null) return { type: 'null' }
  if (name.endsWith('[]')) return { type: 'array', items: schemaOf(name.slice(0, -2)) }
  const schema = wireSchemas[name]
  assert.ok(schema, `${name} is not among the schemas of the wire`)
  return schema
}

/** Parameters that nobody lists would not be found by those who read the API reference. */
function checkQuery({ query = {} }: Route, target: string, name: string): void {
  const given = new URLSearchParams(target.split('?')[1]).keys()
  const unlisted = [...given].filter((parameter) => !Object.hasOwn(query, parameter))
  assert.deepEqual(unlisted, [], `${name} lists no such parameters of its query`)
}

const compiled = new WeakMap<JsonObject, (body: unknown) => boolean>()

function checkBody({ shape }: Route, body: unknown, name: string): void {
  if (shape === undefined || body === undefined || (typeof body === 'string' && body.trim() === '')) return
  const isValid = compiled.get(shape.schema) ?? new Ajv2020({ strict: false, logger: false }).compile(shape.schema)
  compiled.set(shape.schema, isValid)
  const value = typeof body === 'string' ? JSON.parse(body) : JSON.parse(JSON.stringify(body))
  assert.ok(isValid(value), `${name} took a body that its schema does not: ${JSON.stringify(body)}`)
}

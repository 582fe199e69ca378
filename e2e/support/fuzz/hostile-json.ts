import { isJsonObject, type Json, type JsonObject } from '../../../src/core/json.ts'
import type { SeededRandom } from '../../../src/testing/seeded-random.ts'
import { type Hostility, hostileText } from './hostile-text.ts'

/** JSON as text, since some of it has no value in JavaScript: numbers beyond all bounds, half surrogates, double keys. */

const numbers = ['0', '-0', '1', '-1', '0.5', '1e400', '-1e400', '1e-400', '9223372036854775808', '4294967296', '1E+2']
const constants = ['null', 'true', 'false']
const keys = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '$where',
  '$oid',
  '$date',
  'a.b',
  'x\\u0000',
]
const members = [
  ...['id', 'repo_id', 'display_name', 'description', 'notes', 'delta', 'scratchpad', 'retain_versions'],
  ...['importer_type_id', 'importer_config', 'distributors', 'distributor_type_id', 'distributor_config'],
  ...[
    'distributor_id',
    'distributor_configs',
    'auto_publish',
    'override_config',
    'verify_all_units',
    'feed',
    'ssl_ca_cert',
  ],
  ...['criteria', 'filters', 'sort', 'limit', 'skip', 'fields', 'unit', 'association', 'type_ids', 'include_repos'],
  ...['schedule', 'failure_threshold', 'enabled', 'remaining_runs', 'login', 'password', 'name', 'roles', 'role_id'],
  ...['resource', 'operations', 'content_type_id', 'unit_id', 'unit_key', 'upload_id', 'relative_url', 'proxy_port'],
]
const operators = [
  ...['$in', '$nin', '$and', '$or', '$nor', '$not', '$gt', '$gte', '$lt', '$lte', '$ne', '$eq', '$regex', '$options'],
  ...['$exists', '$all', '$size', '$elemMatch', '$mod', '$type', '$where', '$near', '$', '$foo', '$expr'],
]
const patterns = [
  '(',
  '^a',
  '(a+)+$',
  '[',
  'a{1,99999}',
  '\\\\',
  '(?<=x)',
  '\\\\1',
  '[[:alpha:]]',
  '(?i)x',
  'x'.repeat(5000),
]

export function hostileJson(random: SeededRandom, known: Hostility, depth = 0): string {
  const kind = random.below(depth > 4 ? 3 : 6)
  if (kind === 0) return random.pick(numbers) ?? ''
  if (kind === 1) return random.pick(constants) ?? ''
  if (kind === 2) return quoted(hostileText(random, known))
  if (kind === 3) return `[${several(random, () => hostileJson(random, known, depth + 1))}]`
  return objectOf(random, () =>
    pair(random.pick(random.below(3) === 0 ? keys : members), hostileJson(random, known, depth + 1)),
  )
}

/** A search that is nearly right. */
export function hostileCriteria(random: SeededRandom, known: Hostility): string {
  const parts = [
    pair('filters', hostileFilter(random, known, 0)),
    pair('sort', random.below(2) === 0 ? `[[${quoted(name(random))},"ascending"]]` : hostileJson(random, known, 3)),
    pair('limit', random.pick([...numbers, '"10"']) ?? ''),
    pair('skip', random.pick(numbers) ?? ''),
    pair('fields', `[${quoted(name(random))}]`),
    pair(name(random), '1'),
  ]
  return `{${parts.filter(() => random.below(2) === 0).join(',')}}`
}

/** Values for the members that a body may have: some of the described form, some of any. */
export function hostileBody(random: SeededRandom, known: Hostility, schema: JsonObject): string {
  const described = isJsonObject(schema['properties']) ? Object.entries(schema['properties']) : []
  const wanted = described.filter(() => random.below(4) > 0)
  const parts = wanted.map(([key, one]) => pair(key, memberValue(random, known, key, one ?? null)))
  if (random.below(6) === 0) parts.push(pair(random.pick(keys), hostileJson(random, known, 3)))
  return `{${parts.join(',')}}`
}

/** Nesting that no parser should follow to its end. */
export function deepJson(random: SeededRandom): string {
  const depth = random.pick([60, 70, 1_000, 100_000]) ?? 0
  return random.below(2) === 0 ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
}

function hostileFilter(random: SeededRandom, known: Hostility, depth: number): string {
  return objectOf(random, () => {
    const operator = random.pick(operators)
    if (depth < 5 && random.below(3) === 0) {
      const nested = () => hostileFilter(random, known, depth + 1)
      return pair(operator, random.below(2) === 0 ? `[${several(random, nested)}]` : nested())
    }
    const operand = operator === '$regex' ? quoted(random.pick(patterns) ?? '') : hostileJson(random, known, 3)
    return pair(name(random), random.below(3) === 0 ? operand : `{${pair(operator, operand)}}`)
  })
}

function name(random: SeededRandom): string {
  const words = [...members, '_id', 'tags', 'state', 'task_id', 'last_updated', 'notes._repo-type', '..', '$natural']
  return random.pick([...words, ...keys]) ?? ''
}

function memberValue(random: SeededRandom, known: Hostility, key: string, schema: Json): string {
  if (key === 'criteria' && random.below(4) > 0) return hostileCriteria(random, known)
  return random.below(2) === 0 ? hostileJson(random, known, 2) : describedValue(random, known, schema)
}

/** Of the form that a schema describes, as far as it says. */
function describedValue(random: SeededRandom, known: Hostility, schema: Json): string {
  if (!isJsonObject(schema)) return hostileJson(random, known, 3)
  if (Array.isArray(schema['enum'])) return JSON.stringify(random.pick(schema['enum']) ?? null)
  const type = schema['type']
  if (type === 'string') return quoted(hostileText(random, known))
  if (type === 'integer' || type === 'number') return random.pick(numbers) ?? ''
  if (type === 'boolean') return random.pick(constants) ?? ''
  if (type === 'array') return `[${several(random, () => describedValue(random, known, schema['items'] ?? null))}]`
  if (type === 'object') return hostileBody(random, known, schema)
  return hostileJson(random, known, 3)
}

function several(random: SeededRandom, make: () => string): string {
  return Array.from({ length: random.below(4) }, make).join(',')
}

function objectOf(random: SeededRandom, member: () => string): string {
  return `{${several(random, member)}}`
}

function pair(key: string | undefined, value: string): string {
  return `"${key ?? ''}":${value}`
}

/** Escapes what JSON must escape; half surrogates stay. */
function quoted(value: string): string {
  return JSON.stringify(value)
}

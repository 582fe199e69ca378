import assert from 'node:assert/strict'
import type { Case, Wanted } from './operation.ts'
import type { Seen } from './seen.ts'
import type { World } from './world.ts'

/** What is at a path of members and indexes; undefined where the path ends before. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  const found = Object.entries(value).find(([name]) => name === String(first))
  return valueAt(found?.[1], ...rest)
}

/** The same of a list; empty where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The answer has this value at a path, `'result.id'`. */
export function says(path: string, expected: unknown): NonNullable<Case['check']> {
  return ({ answer }) => assert.deepEqual(valueAt(answer.body, ...path.split('.')), expected)
}

/** The body is `null`. */
export function saysNothing({ answer }: Seen): void {
  assert.equal(answer.text, 'null')
}

type Arrange = (world: World) => Wanted | Promise<Wanted>

/** A 404 that names the resource: a member of `resources` for each name, with the parameter of the path or the id that is given. */
export function missing(what: string, arrange: Arrange, resources: object | ((at: Wanted['at']) => object)): Case {
  const check = ({ answer, wanted }: Seen) =>
    assert.deepEqual(
      valueAt(answer.body, 'resources'),
      typeof resources === 'function' ? resources(wanted.at) : resources,
    )
  return { status: 404, when: `for ${what} that is missing`, code: 'PLP0009', arrange, check }
}

/** The resources of a distributor that is not there, or whose repository is not (pulp2-api §2.4). */
export function aDistributor(at: Wanted['at']): object {
  return { repo_id: at?.['repo_id'], distributor_id: at?.['distributor_id'] }
}

/** A 400 with the names of the properties at fault, if the code is one of those that have them. */
export function refused(when: string, code: string, arrange: Arrange, properties?: readonly string[]): Case {
  const check = properties === undefined ? {} : { check: says('error.data.property_names', properties) }
  return { status: 400, when, code, arrange, ...check }
}

/** What a GET of a path below the root answers now. */
export function shown(world: World, path: string): Promise<unknown> {
  return world.make('GET', path)
}

/** Nothing is there any more. */
export async function isGone(world: World, path: string): Promise<void> {
  assert.equal((await world.send('GET', `/pulp/api/v2/${path}`)).status, 404, path)
}

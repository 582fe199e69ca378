import assert from 'node:assert/strict'
import { permissions } from '../../../src/core/permission.ts'
import { valueAt } from './expect.ts'
import type { Operation, Right } from './operation.ts'
import { prepare } from './run-case.ts'
import type { Answer } from './seen.ts'
import type { World } from './world.ts'
import { writtenOperation } from './written-api.ts'

/** What a call asks for: any of these. */
export function rightsOf({ section, method, rights }: Operation): readonly Right[] {
  if (rights !== undefined) return rights
  const written = writtenOperation(section, method)?.permission
  const right = permissions.find((one) => one === written)
  if (right === undefined) throw new Error(`${method} of ${section} needs no right that is known: ${written}`)
  return [right]
}

/**
 * A user with every other right is told so by 401, with nothing done; one with exactly one of those that are asked for succeeds
 * with the very same request.
 */
export async function holdToRights(world: World, operation: Operation): Promise<void> {
  const wanted = rightsOf(operation)
  if (wanted.includes('public')) return holdToNobody(world, operation)
  if (wanted.includes('user')) return holdToUsers(world, operation)
  const others = permissions.filter((right) => !wanted.includes(right))
  for (const right of wanted) {
    const success = successOf(operation)
    const { method, path, body } = await prepare(world, operation, success)
    assert.equal((await world.send(method, path, body, null)).status, 401, 'without credentials')
    isDenied(await world.send(method, path, body, await world.caller(others)))
    const answer = await world.send(method, path, body, await world.caller([right]))
    assert.equal(answer.status, success.status, `with ${right} alone: ${answer.text}`)
    if (answer.status === 202) await world.ended(answer.body)
  }
}

/** What everybody may ask needs no credentials. */
async function holdToNobody(world: World, operation: Operation): Promise<void> {
  const success = successOf(operation)
  const { method, path, body } = await prepare(world, operation, success)
  assert.equal((await world.send(method, path, body, null)).status, success.status)
}

/** Users may ask for it without any right that somebody gave them. */
async function holdToUsers(world: World, operation: Operation): Promise<void> {
  const success = successOf(operation)
  const { method, path, body } = await prepare(world, operation, success)
  assert.equal((await world.send(method, path, body, null)).status, 401, 'without credentials')
  assert.equal((await world.send(method, path, body, await world.caller([]))).status, success.status)
}

function isDenied({ status, body, text }: Answer): void {
  assert.equal(status, 401, `with every other right: ${text}`)
  assert.equal(valueAt(body, 'error', 'code'), 'PLP0026')
  assert.equal(valueAt(body, 'auth_error_code'), 'permission_denied')
}

/** Of a call that never succeeds, the case that comes nearest. */
function successOf({ cases, section }: Operation): Operation['cases'][number] {
  const success = cases.find(({ status, instead }) => status < 300 && instead === undefined) ?? cases[0]
  if (success === undefined) throw new Error(`${section} has no case`)
  return success
}

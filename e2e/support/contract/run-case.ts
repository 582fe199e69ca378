import assert from 'node:assert/strict'
import { Value } from 'typebox/value'
import { PulpErrorBody } from '../../../src/wire/pulp/error.ts'
import { unlikeSample } from './compare-sample.ts'
import { valueAt } from './expect.ts'
import { fill, rename } from './names.ts'
import type { Case, Operation, Wanted } from './operation.ts'
import type { Seen } from './seen.ts'
import type { World } from './world.ts'
import { writtenOperation } from './written-api.ts'

/** A request ready to be sent by anybody. */
export interface Prepared {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly wanted: Wanted
}

/** Makes what a case needs, and the request of it. */
export async function prepare(world: World, operation: Operation, { arrange, sample }: Case): Promise<Prepared> {
  const wanted = await arrange(world)
  const query = wanted.query === undefined ? '' : `?${wanted.query}`
  const written = writtenOperation(operation.section, operation.method)
  const body = sample === true ? rename(written?.request, wanted.names) : wanted.body
  return { method: operation.method, path: fill(pathOf(operation), wanted.at) + query, body, wanted }
}

/** The path as the written API has it, else as the row has. */
export function pathOf({ section, method, path }: Operation): string {
  const found = writtenOperation(section, method)?.path ?? path
  if (found === undefined) throw new Error(`${method} of ${section} has no path`)
  return found
}

/** Sends the request of a case and holds the answer to everything that the row says and that is true of all answers. */
export async function runCase(world: World, operation: Operation, each: Case): Promise<void> {
  const { method, path, body, wanted } = await prepare(world, operation, each)
  const sent = [...new URLSearchParams(wanted.query).keys(), ...Object.keys(Object(body))]
  for (const name of each.asks ?? []) assert.ok(sent.includes(name), `it does not send ${name}`)
  const answer = await world.send(method, path, body)
  assert.equal(answer.status, each.status, answer.text)
  const tasks = answer.status === 202 && !namesGroup(answer) ? await world.ended(answer.body) : []
  const seen = { wanted, answer, tasks }
  holdToForm(seen, path, each)
  holdToTasks(seen, operation, each)
  if (each.code !== undefined) assert.equal(codeOf(seen), each.code)
  if (each.like !== undefined) holdToSample(seen, operation, each.like)
  await each.check?.(seen, world)
}

const mediaTypes = {
  text: 'application/json; charset=utf-8',
  page: 'text/html; charset=utf-8',
  plain: 'text/plain; charset=utf-8',
} as const

/** pulp2-api §1.1, §2.1. */
function holdToForm({ answer }: Seen, path: string, { form }: Case): void {
  const { status, headers, body, reason } = answer
  const type = mediaTypes[form ?? 'text']
  if (status === 204) assert.equal(answer.text, '')
  else assert.equal(headers.get('content-type'), type)
  if (status !== 201) assert.equal(headers.get('location'), null)
  if (status === 201) {
    const href = valueAt(body, '_href') ?? valueAt(body, 'consumer', '_href')
    assert.deepEqual([reason, headers.get('location')], ['CREATED', href])
  }
  if (form === 'text') assert.equal(typeof body, 'string')
  else if (status >= 400) holdToErrorForm(answer, path)
}

function holdToErrorForm({ status, body }: Seen['answer'], path: string): void {
  const error = Value.Parse(PulpErrorBody, body)
  assert.deepEqual([error.http_status, error._href], [status, path])
  assert.ok(error.error_message)
}

function holdToTasks(
  { answer, tasks, wanted }: Seen,
  { section, method, tags }: Operation,
  { ends, status }: Case,
): void {
  const [first] = tasks
  if (status !== 202 || namesGroup(answer)) return
  assert.ok(first, 'it names no task')
  assert.equal(first.state, ends ?? 'finished', JSON.stringify(first.error))
  const filled = tags?.map((tag) => fill(tag, wanted.at)).toSorted()
  assert.deepEqual(first.tags.toSorted(), filled)
  const written = writtenOperation(section, method)?.tags ?? []
  for (const tag of written) assert.ok(filled?.includes(fill(tag, wanted.at)), `${tag} is documented`)
}

/** What tasks it has, and how they end, is seen by its summary (pulp2-api §3.2). */
function namesGroup({ body }: Seen['answer']): boolean {
  return valueAt(body, 'group_id') !== undefined
}

function codeOf({ answer, tasks }: Seen): unknown {
  return tasks.length > 0 ? tasks[0]?.error?.code : valueAt(answer.body, 'error', 'code')
}

function holdToSample(
  seen: Seen,
  { section, method }: Operation,
  { except = {}, part }: NonNullable<Case['like']>,
): void {
  const written = writtenOperation(section, method)
  const { response, callResult, taskResult } = written ?? {}
  const sample = response ?? callResult ?? taskResult
  assert.notEqual(sample, undefined, `${section} has no sample of an answer`)
  const actual = part?.(seen) ?? (taskResult === undefined ? seen.answer.body : seen.tasks[0]?.result)
  assert.deepEqual(unlikeSample(sample, actual), Object.keys(except).toSorted(), JSON.stringify(actual))
}

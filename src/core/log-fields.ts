import { AsyncLocalStorage } from 'node:async_hooks'
import type { JsonObject } from './json.ts'

const fields = new AsyncLocalStorage<JsonObject>()

/**
 * Runs `work` so that every log line that it causes, however deep and late, carries these fields besides those of the caller:
 * which request, which task.
 */
export function withLogFields<Result>(more: JsonObject, work: () => Result): Result {
  return fields.run({ ...fields.getStore(), ...more }, work)
}

/** Runs `work` outside of any cause: for what only happened to begin in a request or task, as connections of a pool do. */
export function withoutLogFields<Result>(work: () => Result): Result {
  return fields.run({}, work)
}

/** What the line that is written now shall carry. */
export function currentLogFields(): JsonObject {
  return fields.getStore() ?? {}
}

import { isJsonObject, type JsonObject } from '../core/json.ts'
import type { Task } from '../core/task.ts'
import type { AssociationCriteria } from '../core/unit-reader.ts'

/** A text that the operation's own enqueuer put into the task; anything else is a bug of ours. */
export function textArgument(task: Task, name: string): string {
  const value = task.arguments[name]
  if (typeof value !== 'string') throw new Error(`task ${task.operation} has no argument ${name}`)
  return value
}

/** A number that the operation's own enqueuer put into the task. */
export function numberArgument(task: Task, name: string): number {
  const value = task.arguments[name]
  if (typeof value !== 'number') throw new Error(`task ${task.operation} has no argument ${name}`)
  return value
}

/** Texts that the operation's own enqueuer put into the task. */
export function textsArgument(task: Task, name: string): readonly string[] {
  const values = task.arguments[name]
  if (!Array.isArray(values)) throw new Error(`task ${task.operation} has no argument ${name}`)
  return values.filter((value) => typeof value === 'string')
}

/** An object among the task's arguments; empty when absent. */
export function objectArgument(task: Task, name: string): JsonObject {
  const value = task.arguments[name]
  return isJsonObject(value) ? value : {}
}

/** The criteria that the operation's own enqueuer put into the task. */
export function criteriaArgument(task: Task): AssociationCriteria {
  return objectArgument(task, 'criteria') as unknown as AssociationCriteria
}

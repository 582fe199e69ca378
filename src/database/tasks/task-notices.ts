import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** The channel on which task engines of all processes talk. */
export const taskChannel = 'deckle_task'

/** A task became ready; a running task shall stop; a task ended. */
export type TaskNotice =
  | { readonly event: 'ready' }
  | { readonly event: 'cancel'; readonly taskId: string }
  | { readonly event: 'end'; readonly taskId: string }

/** Told to everybody when the transaction commits; equal notices of one transaction are told once. */
export async function announce(transaction: Transaction<Schema>, notice: TaskNotice): Promise<void> {
  await sql`SELECT ${notification(notice)}`.execute(transaction)
}

/** The same inside of another statement. */
export function notification(notice: TaskNotice): RawBuilder<unknown> {
  const payload = notice.event === 'ready' ? 'ready' : `${notice.event}:${notice.taskId}`
  return sql`pg_notify(${taskChannel}, ${payload})`
}

/** Undefined for a notice of another version of the program. */
export function parseNotice(payload: string): TaskNotice | undefined {
  if (payload === 'ready') return { event: 'ready' }
  const [event, taskId] = payload.split(':')
  if ((event !== 'cancel' && event !== 'end') || taskId === undefined) return undefined
  return { event, taskId }
}

import { sql, type Transaction } from 'kysely'
import { type ConsumerEventType, systemOriginator } from '../../core/consumer.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { recordEvents } from '../consumers/record-events.ts'
import type { Schema } from '../schema.ts'

interface DoneTask {
  readonly operation: string
  readonly arguments: JsonObject
  readonly agent: string | null
}

/** What changed on the consumer when its agent did this. */
const events: Readonly<Record<string, ConsumerEventType>> = {
  'consumer-install': 'content_unit_installed',
  'consumer-update': 'content_unit_installed',
  'consumer-uninstall': 'content_unit_uninstalled',
}

/** Writes down what an agent has done: a binding that is gone there is gone here, units go into the history. Nothing for what failed. */
export async function settleConsumer(transaction: Transaction<Schema>, task: DoneTask, result: Json): Promise<void> {
  if (task.agent === null || !isJsonObject(result) || result['succeeded'] !== true) return
  if (task.operation === 'consumer-unbind') return deleteBinding(transaction, task.agent, task.arguments)
  const type = events[task.operation]
  if (type === undefined) return
  const details = { units: task.arguments['units'] ?? [] }
  await recordEvents(transaction, [{ consumerId: task.agent, type, originator: systemOriginator, details }])
}

/** One that was bound again meanwhile stays. */
async function deleteBinding(transaction: Transaction<Schema>, consumer: string, names: JsonObject): Promise<void> {
  const { repository = null, distributor = null } = names
  await sql`
    DELETE FROM binding USING consumer
    WHERE binding.consumer = consumer.id AND consumer.name = ${consumer} AND binding.deleted
      AND binding.repository = ${repository} AND binding.distributor = ${distributor}`.execute(transaction)
}

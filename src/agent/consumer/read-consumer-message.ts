import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { ConsumerServerMessage } from '../../wire/agent/consumer-messages.ts'
import { parsedJson } from '../read-whole.ts'

/** The same messages; what came as JSON is Json. */
export type ServerWord =
  | Exclude<ConsumerServerMessage, { kind: 'task' }>
  | { readonly kind: 'task'; readonly task: string; readonly operation: string; readonly arguments: JsonObject }

/** Undefined for what is no message, or one of a kind that this agent does not know. */
export function readConsumerMessage(text: string): ServerWord | undefined {
  const fields = parsedJson(text)
  if (!isJsonObject(fields)) return undefined
  const { kind, nonce, consumer, aliveSeconds, reason, task, operation } = fields
  if (kind === 'challenge' && typeof nonce === 'string') return { kind, nonce }
  if (kind === 'welcome' && typeof consumer === 'string' && isSeconds(aliveSeconds))
    return { kind, consumer, aliveSeconds }
  if (kind === 'dismissed') return { kind, reason: typeof reason === 'string' ? reason : 'it does not say why' }
  if (typeof task !== 'string' || task === '') return undefined
  if (kind === 'cancel' || kind === 'ack') return { kind, task }
  const given = fields['arguments']
  if (kind !== 'task' || typeof operation !== 'string' || !isJsonObject(given)) return undefined
  return { kind, task, operation, arguments: given }
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 86_400
}

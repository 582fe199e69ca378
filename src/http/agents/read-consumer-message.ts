import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { ConsumerAgentMessage } from '../../wire/agent/consumer-messages.ts'

type Message = ConsumerAgentMessage
/** The same messages; what came as JSON is Json. */
export type HeardMessage =
  | Exclude<Message, { kind: 'progress' | 'end' | 'profile' }>
  | { readonly kind: 'progress'; readonly task: string; readonly report: JsonObject }
  | { readonly kind: 'end'; readonly task: string; readonly result?: JsonObject; readonly error?: string }
  | { readonly kind: 'profile'; readonly contentType: string; readonly profile: Json }

/** Undefined for what is no message, or one of a kind that this server does not know. */
export function readConsumerMessage(text: string): HeardMessage | undefined {
  const fields = parsed(text)
  if (!isJsonObject(fields)) return undefined
  const { kind, task } = fields
  if (kind === 'hello') return readHello(fields)
  if (kind === 'alive') return { kind, tasks: textsOf(fields['tasks']) }
  if (kind === 'profile') return readProfile(fields)
  if (typeof task !== 'string') return undefined
  if (kind === 'accepted' || kind === 'started') return { kind, task }
  if (kind === 'progress') return { kind, task, report: objectOf(fields['report']) }
  return kind === 'end' ? readEnd(task, fields) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readHello(fields: JsonObject): HeardMessage {
  const read = (name: string) => textOf(fields[name]) ?? ''
  return {
    kind: 'hello',
    certificate: read('certificate'),
    host: read('host'),
    signature: read('signature'),
    version: read('version').slice(0, 255),
    tasks: textsOf(fields['tasks']),
  }
}

/** An end without a word of how it went is one that failed. */
function readEnd(task: string, { result, error }: JsonObject): HeardMessage {
  if (isJsonObject(result)) return { kind: 'end', task, result }
  return { kind: 'end', task, error: (textOf(error) ?? 'the agent did not say how it ended').slice(0, 10_000) }
}

function readProfile({ contentType, profile }: JsonObject): HeardMessage | undefined {
  if (typeof contentType !== 'string' || profile === undefined) return undefined
  return { kind: 'profile', contentType, profile }
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.slice(0, 10_000).filter((one) => typeof one === 'string') : []
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

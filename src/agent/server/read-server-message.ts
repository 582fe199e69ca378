import { isJsonObject } from '../../core/json.ts'
import type { ServerMessage } from '../../wire/agent/messages.ts'
import { parsedJson } from '../read-whole.ts'

type Order = Extract<ServerMessage, { kind: 'pull' }>
type Fields = Readonly<Record<string, unknown>>

/**
 * Undefined for what is no message, or one of a kind that this agent does not know. By hand: the library that checks schemas
 * would take memory on every host that a pull does not need.
 */
export function readServerMessage(text: string): ServerMessage | undefined {
  const fields = parsedJson(text)
  if (!isJsonObject(fields)) return undefined
  const { kind, host, aliveSeconds, pull, attempt } = fields
  if (kind === 'welcome' && typeof host === 'string' && isCount(aliveSeconds)) return { kind, host, aliveSeconds }
  if (kind === 'cancel' && isCount(pull)) return { kind, pull }
  if (kind === 'ack' && isCount(pull) && isCount(attempt)) return { kind, pull, attempt }
  return kind === 'pull' && isCount(pull) && isCount(attempt) ? readOrder(fields, pull, attempt) : undefined
}

function readOrder(fields: Fields, pull: number, attempt: number): Order | undefined {
  const { repository, timeoutSeconds, credential } = fields
  const [tag, digest] = [textIn(fields, 'tag'), textIn(fields, 'digest')]
  if (typeof repository !== 'string' || repository === '') return undefined
  return {
    kind: 'pull',
    pull,
    attempt,
    repository,
    tag,
    digest,
    onlyIfPresent: fields['onlyIfPresent'] === true,
    onlyIfAbsent: fields['onlyIfAbsent'] === true,
    timeoutSeconds: isCount(timeoutSeconds) ? timeoutSeconds : null,
    ...(isJsonObject(credential) ? { credential: readCredential(credential) } : {}),
  }
}

function readCredential(fields: Fields): NonNullable<Order['credential']> {
  const read = (name: string) => textIn(fields, name) ?? ''
  return {
    serverAddress: read('serverAddress'),
    username: read('username'),
    password: read('password'),
    email: read('email'),
  }
}

function textIn(fields: Fields, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' ? value : null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import type { AgentMessage } from '../../wire/agent/messages.ts'

type Progress = Extract<AgentMessage, { kind: 'progress' }>
type Hello = Extract<AgentMessage, { kind: 'hello' }>
type End = Extract<AgentMessage, { kind: 'end' }>

const outcomes = ['done', 'failed', 'cancelled'] as const
/** What an agent may say of one thing; the rest is left out. */
const most = { layers: 1000, labels: 1000, pulls: 10_000, images: 50_000, text: 10_000 }

/** Undefined for what is no message, or one of a kind that this server does not know. By hand: it is done for every report of every host. */
export function readAgentMessage(text: string): AgentMessage | undefined {
  const fields = parsed(text)
  if (!isJsonObject(fields)) return undefined
  const { kind } = fields
  if (kind === 'alive') return { kind }
  if (kind === 'progress') return readProgress(fields)
  if (kind === 'end') return readEnd(fields)
  if (kind === 'images') return { kind, images: listOf(fields['images'], most.images).flatMap(readImage) }
  return kind === 'hello' ? readHello(fields) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readHello(fields: JsonObject): Hello | undefined {
  const { name, engine } = fields
  const hostname = textOf(fields['hostname'], 255)
  if (hostname === undefined || hostname === '') return undefined
  const labels = isJsonObject(fields['labels']) ? Object.entries(fields['labels']).slice(0, most.labels) : []
  return {
    kind: 'hello',
    hostname,
    ...(typeof name === 'string' && name !== '' && { name: name.slice(0, 255) }),
    labels: Object.fromEntries(labels.map(([key, value]) => [key, String(value)])),
    engine: typeof engine === 'string' ? engine : null,
    version: textOf(fields['version'], 255) ?? '',
    pulls: listOf(fields['pulls'], most.pulls).flatMap((pull) => readUnder(pull) ?? []),
  }
}

function readProgress(fields: JsonObject): Progress | undefined {
  const under = readUnder(fields)
  if (under === undefined) return undefined
  const layers = listOf(fields['layers'], most.layers).flatMap(readLayer)
  return {
    kind: 'progress',
    ...under,
    bytes: countOf(fields['bytes']),
    totalBytes: countOf(fields['totalBytes']),
    layers,
  }
}

function readEnd(fields: JsonObject): End | undefined {
  const under = readUnder(fields)
  const outcome = outcomes.find((one) => one === fields['outcome'])
  if (under === undefined || outcome === undefined) return undefined
  const [digest, error] = [textOf(fields['digest'], 255), textOf(fields['error'], most.text)]
  return {
    kind: 'end',
    ...under,
    outcome,
    ...(digest !== undefined && { digest }),
    ...(error !== undefined && { error }),
  }
}

function readUnder(value: Json): { pull: number; attempt: number } | undefined {
  if (!isJsonObject(value)) return undefined
  const [pull, attempt] = [countOf(value['pull']), countOf(value['attempt'])]
  return pull === null || attempt === null || attempt > 2 ** 31 - 1 ? undefined : { pull, attempt }
}

function readLayer(value: Json): Progress['layers'] {
  if (!isJsonObject(value)) return []
  const [id, bytes] = [textOf(value['id'], 255), countOf(value['bytes'])]
  if (id === undefined || bytes === null) return []
  return [{ id, bytes, totalBytes: countOf(value['totalBytes']), done: value['done'] === true }]
}

function readImage(value: Json): { names: string[]; id: string; size: number }[] {
  if (!isJsonObject(value)) return []
  const names = listOf(value['names'], most.images).filter((name) => typeof name === 'string')
  return [{ names, id: textOf(value['id'], 255) ?? '', size: countOf(value['size']) ?? 0 }]
}

function listOf(value: Json | undefined, longest: number): readonly Json[] {
  return Array.isArray(value) ? value.slice(0, longest) : []
}

function countOf(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

function textOf(value: Json | undefined, longest: number): string | undefined {
  return typeof value === 'string' ? value.slice(0, longest) : undefined
}

import { setTimeout as pause } from 'node:timers/promises'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { PulpCallReport } from '../../src/wire/pulp/call-report.ts'
import { PulpSyncHistoryEntry } from '../../src/wire/pulp/history.ts'
import { PulpTaskReport } from '../../src/wire/pulp/task-report.ts'
import { adminPassword, type DeckleServer } from './deckle-server.ts'

export interface PulpAnswer {
  readonly status: number
  readonly location: string | null
  /** Parsed where it is JSON, else text. */
  readonly body: unknown
}

/** An answer's body as a wire type; throws where it has another shape. */
export function read<Schema extends TSchema>(schema: Schema, { body }: PulpAnswer): Static<Schema> {
  const [fault] = Value.Errors(schema, body)
  if (fault === undefined) return body as Static<Schema>
  throw new Error(`${fault.instancePath} ${fault.message} in ${JSON.stringify(body)}`)
}

/** What `history/sync/` answers. */
export const SyncHistory = Type.Array(PulpSyncHistoryEntry)

/** Calls the API by its bare paths, as scripts written for Pulp do: no client of ours between. */
export async function call(server: DeckleServer, method: string, path: string, body?: unknown): Promise<PulpAnswer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, location: response.headers.get('location'), body: isJson ? JSON.parse(text) : text }
}

/** Polls the tasks of a call by their `_href`, and theirs in turn, as pulp-smash does. */
export function poll(server: DeckleServer, answer: PulpAnswer): Promise<PulpTaskReport[]> {
  return pollAll(server, read(PulpCallReport, answer).spawned_tasks)
}

async function pollAll(server: DeckleServer, links: readonly { _href: string }[]): Promise<PulpTaskReport[]> {
  const reports: PulpTaskReport[] = []
  for (const { _href } of links) {
    const report = await pollOne(server, _href)
    reports.push(report, ...(await pollAll(server, report.spawned_tasks)))
  }
  return reports
}

async function pollOne(server: DeckleServer, href: string): Promise<PulpTaskReport> {
  for (;;) {
    const report = read(PulpTaskReport, await call(server, 'GET', href))
    if (['canceled', 'error', 'finished', 'skipped', 'timed out'].includes(report.state)) return report
    await pause(25)
  }
}

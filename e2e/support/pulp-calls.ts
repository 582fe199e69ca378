import { setTimeout as pause } from 'node:timers/promises'
import { adminPassword, type DeckleServer } from './deckle-server.ts'

export interface PulpAnswer {
  readonly status: number
  readonly location: string | null
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked into as scripts do, without types.
  readonly body: any
}

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

const ends = ['canceled', 'error', 'finished', 'skipped', 'timed out']

/** Polls tasks by their `_href`, and theirs in turn, as pulp-smash does. */
export async function poll(server: DeckleServer, callReport: PulpAnswer): Promise<PulpAnswer['body'][]> {
  const reports: PulpAnswer['body'][] = []
  for (const { _href } of callReport.body.spawned_tasks) {
    const report = await pollOne(server, _href)
    reports.push(report, ...(await poll(server, { ...callReport, body: report })))
  }
  return reports
}

async function pollOne(server: DeckleServer, href: string): Promise<PulpAnswer['body']> {
  for (;;) {
    const { body } = await call(server, 'GET', href)
    if (ends.includes(body.state)) return body
    await pause(25)
  }
}

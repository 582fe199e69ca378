import { setTimeout as pause } from 'node:timers/promises'
import { Value } from 'typebox/value'
import { PulpCallReport } from '../../../src/wire/pulp/call-report.ts'
import { PulpGroupSummary } from '../../../src/wire/pulp/task-group.ts'
import { PulpTaskReport } from '../../../src/wire/pulp/task-report.ts'
import { adminPassword, type DeckleServer } from '../deckle-server.ts'
import type { Right } from './operation.ts'
import type { Answer } from './seen.ts'

export const root = '/pulp/api/v2'

/** Who sends a request: a login and its password; nobody where it is null. */
export type Caller = readonly [login: string, password: string] | null

const admin: Caller = ['admin', adminPassword]
const ended = new Set(['canceled', 'error', 'finished', 'skipped'])

/** The server that all cases share, and names that no other case has. */
export class World {
  readonly server: DeckleServer
  /** The address of a yum repository. */
  readonly feed: string
  /** A folder that distributors may write below. */
  readonly exports: string
  #names = 0
  readonly #users = new Map<string, Promise<Caller>>()

  constructor(server: DeckleServer, { feed, exports }: { readonly feed: string; readonly exports: string }) {
    this.server = server
    this.feed = feed
    this.exports = exports
  }

  /** `zoo` → `zoo-17`. */
  name(of: string): string {
    this.#names += 1
    return `${of}-${this.#names}`
  }

  /** Sends a request as it is; `path` is absolute. */
  async send(method: string, path: string, body?: unknown, caller: Caller = admin): Promise<Answer> {
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      redirect: 'manual',
      headers: caller === null ? {} : { authorization: `Basic ${btoa(caller.join(':'))}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /^application\/json\b/.test(response.headers.get('content-type') ?? '')
    const { status, statusText: reason, headers } = response
    return { status, reason, headers, text, body: isJson ? JSON.parse(text) : undefined }
  }

  /** Sends what a case needs before it begins; `path` below the root. Throws for an answer that is none of success. */
  async make(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.send(method, `${root}/${path}`, body)
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status} ${answer.text}`)
    return answer.body
  }

  /** The same for what is queued; resolves with all its tasks when they have ended. */
  async finish(method: string, path: string, body?: unknown): Promise<readonly PulpTaskReport[]> {
    return this.ended(await this.make(method, path, body))
  }

  /** The tasks of a call report, and theirs in turn, once they have ended. Consumers have no agents here: their tasks are cancelled. */
  async ended(callReport: unknown): Promise<readonly PulpTaskReport[]> {
    const { spawned_tasks: links } = Value.Parse(PulpCallReport, callReport)
    const ids = links.map(({ task_id }) => task_id)
    const reports: PulpTaskReport[] = []
    for (const id of ids) {
      const report = await this.#poll(id)
      reports.push(report)
      ids.push(...report.spawned_tasks.map(({ task_id }) => task_id))
    }
    return reports
  }

  /** The summary of a group once all of its tasks have ended. */
  async groupEnded(id: string): Promise<PulpGroupSummary> {
    for (;;) {
      const summary = Value.Parse(PulpGroupSummary, await this.make('GET', `task_groups/${id}/state_summary/`))
      if (summary.waiting + summary.accepted + summary.running === 0) return summary
      await pause(15)
    }
  }

  /** A user with these permissions on everything and no others. */
  caller(rights: readonly Right[]): Promise<Caller> {
    const key = rights.toSorted().join()
    const user = this.#users.get(key) ?? this.#makeUser(rights)
    this.#users.set(key, user)
    return user
  }

  async #makeUser(rights: readonly Right[]): Promise<Caller> {
    const [login, password] = [this.name('user'), 'a long password']
    await this.make('POST', 'users/', { login, password })
    const operations = rights.map((right) => right.toUpperCase())
    if (rights.length > 0) {
      await this.make('POST', 'permissions/actions/grant_to_user/', { login, resource: '/', operations })
    }
    return [login, password]
  }

  async #poll(task: string): Promise<PulpTaskReport> {
    for (;;) {
      const report = Value.Parse(PulpTaskReport, await this.make('GET', `tasks/${task}/`))
      if (ended.has(report.state)) return report
      if (report.worker_name === 'agent') await this.make('DELETE', `tasks/${task}/`)
      await pause(15)
    }
  }
}

import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeckleError } from '../core/errors.ts'
import { isJsonObject } from '../core/json.ts'
import type { RegistrationAnswer } from '../wire/agent/registration.ts'
import { parsedJson } from './read-whole.ts'

/** What an agent knows over its restarts. */
export interface AgentState {
  /** Made once: the same folder is the same host. */
  readonly identity: string
  /** The server that gave the keys, and nobody else gets them. */
  readonly url?: string
  readonly keys?: RegistrationAnswer
}

/** One file, `agent.json`, that only its owner reads. */
export class StateFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The first time it makes an identity and keeps it. Throws kind `internal` for a file that is not ours. */
  async load(): Promise<AgentState> {
    const text = await readIfThere(this.#path)
    if (text === undefined) return this.save({ identity: randomUUID() })
    const state = parsedJson(text)
    if (!isJsonObject(state) || typeof state['identity'] !== 'string') {
      throw new DeckleError('internal', `${this.#path} is not the state of an agent; move it away to join anew`)
    }
    const { identity, url, keys } = state
    return { identity, ...(typeof url === 'string' && isKeys(keys) ? { url, keys } : {}) }
  }

  async save(state: AgentState): Promise<AgentState> {
    const temporary = `${this.#path}.${process.pid}.new`
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(temporary, `${JSON.stringify(state)}\n`, { mode: 0o600 })
    await rename(temporary, this.#path)
    return state
  }

  get #path(): string {
    return join(this.#folder, 'agent.json')
  }
}

/** Root's agents serve the whole host, others their user (XDG Base Directory Specification). */
export function usualStateFolder(environment: Readonly<Record<string, string | undefined>>, isRoot: boolean): string {
  if (isRoot) return '/var/lib/deckle-agent'
  return join(environment['XDG_STATE_HOME'] || join(environment['HOME'] || '.', '.local/state'), 'deckle-agent')
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function isKeys(value: unknown): value is RegistrationAnswer {
  return isJsonObject(value) && ['host', 'accessKey', 'secretKey'].every((name) => typeof value[name] === 'string')
}

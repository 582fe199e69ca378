import { DeckleError } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json.ts'
import type { AgentMessage } from '../../wire/agent/messages.ts'
import { messageOf } from '../message-of.ts'
import { type Credential, type EngineImage, nameOf, registryAuth, withoutHub } from './engine-image.ts'
import { askEngine, askEngineForJson } from './engine-socket.ts'
import { jsonLines } from './json-lines.ts'
import { type PullEvent, readPullEvent } from './pull-event.ts'

export type PresentImage = Extract<AgentMessage, { kind: 'images' }>['images'][number]

/** A Docker engine, or Podman's socket that speaks like one (Docker Engine API). */
export class EngineClient {
  /** `docker 20.10.24`, `podman 4.3.1`. */
  readonly name: string
  /** Docker says how many bytes have come, Podman only which layers (real-clients §2). */
  readonly tellsBytes: boolean
  /** In which an image of several is chosen: `amd64`. */
  readonly architecture: string
  readonly #socket: string

  private constructor(socket: string, version: Readonly<Record<string, unknown>>) {
    const isPodman = JSON.stringify(version['Components'] ?? '').includes('Podman')
    this.name = `${isPodman ? 'podman' : 'docker'} ${String(version['Version']).split('+')[0]}`
    this.tellsBytes = !isPodman
    this.architecture = String(version['Arch'])
    this.#socket = socket
  }

  /** Throws kind `upstream` when no engine answers on the socket. */
  static async at(socket: string): Promise<EngineClient> {
    const version = await askEngineForJson(socket, '/version')
    if (isJsonObject(version) && typeof version['Version'] === 'string') return new EngineClient(socket, version)
    throw new DeckleError('upstream', 'what answers is no container engine')
  }

  async images(): Promise<readonly PresentImage[]> {
    return (await this.#list()).map((entry) => ({
      names: namesIn(entry),
      id: String(entry['Id']),
      size: typeof entry['Size'] === 'number' ? entry['Size'] : 0,
    }))
  }

  async has(image: EngineImage): Promise<boolean> {
    try {
      await askEngineForJson(this.#socket, `/images/${encodeURI(nameOf(image))}/json`)
      return true
    } catch (error) {
      if (error instanceof DeckleError && error.kind === 'not-found') return false
      throw error
    }
  }

  /** Of the manifest or index that the name stands for; undefined when the image is not there or was made here. */
  async digestOf(image: EngineImage): Promise<string | undefined> {
    if (image.digest !== null) return image.digest
    const name = withoutHub(nameOf(image))
    const entry = (await this.#list()).find((candidate) => namesIn(candidate).includes(name))
    if (entry === undefined) return undefined
    // Podman lists the digests of the index and of the manifest without saying which is which, and the right one apart.
    if (typeof entry['Digest'] === 'string') return entry['Digest']
    const prefix = `${withoutHub(image.repository)}@`
    return namesIn(entry)
      .find((candidate) => candidate.startsWith(prefix))
      ?.slice(prefix.length)
  }

  /** What the engine says meanwhile; a failed pull throws kind `upstream` with the engine's words. */
  async *pull(image: EngineImage, credential: Credential | undefined, signal: AbortSignal): AsyncGenerator<PullEvent> {
    const query = new URLSearchParams({ fromImage: image.repository, tag: image.digest ?? image.tag ?? 'latest' })
    const headers = credential === undefined ? {} : { 'x-registry-auth': registryAuth(credential) }
    const path = `/images/create?${query}`
    const body = await askEngine(this.#socket, { method: 'POST', path, headers, signal })
    for await (const value of jsonLines(untilLost(body))) {
      const event = readPullEvent(value)
      // Status 200 has been sent by now; both engines report later failures like this.
      if (event.error !== undefined) throw new DeckleError('upstream', event.error)
      yield event
    }
  }

  async #list(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const list = await askEngineForJson(this.#socket, '/images/json')
    return Array.isArray(list) ? list.filter(isJsonObject) : []
  }
}

async function* untilLost(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw new DeckleError('upstream', `the engine ended the connection (${messageOf(error)})`, {}, { cause: error })
  }
}

function namesIn(entry: Readonly<Record<string, unknown>>): string[] {
  const names = [entry['RepoTags'], entry['RepoDigests']].flatMap((list) => (Array.isArray(list) ? list : []))
  return [...new Set(names.filter(isName).map(withoutHub))]
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('<none>')
}

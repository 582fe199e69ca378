import { Agent } from 'undici'
import { DeckleError } from '../core/errors.ts'
import type { EventMessage, Notifier } from '../core/event.ts'
import type { JsonObject } from '../core/json.ts'
import { maskUrlPasswords } from '../core/secrets.ts'
import { AddressGuard, type Resolve, systemResolve } from '../download/address-guard.ts'
import { AddressRules } from '../download/address-rules.ts'
import { basicAuth } from '../download/hop.ts'
import { exchange } from '../download/http-exchange.ts'

export interface HttpNotifierOptions {
  /** The setting DECKLE_UPSTREAM_ALLOW. */
  readonly allow: readonly string[]
  readonly userAgent: string
  /** Of a whole attempt, milliseconds. */
  readonly timeoutMs?: number
  readonly resolve?: Resolve
}

/** POSTs messages as JSON. The listener has heard when it answers with a status of success; redirects are not followed. */
export class HttpNotifier implements Notifier {
  readonly #agent: Agent
  readonly #userAgent: string
  readonly #timeoutMs: number

  constructor({ allow, userAgent, timeoutMs = 10_000, resolve = systemResolve }: HttpNotifierOptions) {
    const guard = new AddressGuard(new AddressRules(allow), resolve)
    this.#agent = new Agent({
      allowH2: false,
      keepAliveTimeout: 1_000,
      connect: guard.connector({ timeout: timeoutMs }, false),
    })
    this.#userAgent = userAgent
    this.#timeoutMs = timeoutMs
  }

  async notify(config: JsonObject, { body }: EventMessage, signal: AbortSignal): Promise<void> {
    const { url, authorization } = target(config)
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    try {
      const { status, body: answer } = await exchange(
        this.#agent,
        {
          method: 'POST',
          origin: url.origin,
          path: url.pathname + url.search,
          headers: {
            'content-type': 'application/json',
            'user-agent': this.#userAgent,
            ...(authorization !== undefined && { authorization }),
          },
          body: JSON.stringify(body),
        },
        AbortSignal.any([signal, timeout]),
      )
      // Nobody reads what it says.
      answer.close()
      if (status >= 200 && status < 300) return
      throw new DeckleError('upstream', `${origin(url)} answered ${status}`)
    } catch (error) {
      throw explained(timeout.aborted ? timeout.reason : error, url)
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

/** Credentials in the address are for Basic, too. */
function target({ url: written, username, password }: JsonObject): { url: URL; authorization?: string } {
  const url = typeof written === 'string' ? URL.parse(written) : null
  if (url === null) throw new DeckleError('invalid', 'the listener has no address: set url in its notifier_config')
  const [user, secret] = [username ?? decode(url.username), password ?? decode(url.password)]
  url.username = ''
  url.password = ''
  return user === '' ? { url } : { url, authorization: basicAuth(String(user), String(secret)) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The path and query of an address may hold a token. */
function origin(url: URL): string {
  return url.origin
}

function explained(error: unknown, url: URL): DeckleError {
  if (error instanceof DeckleError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new DeckleError('upstream', `${origin(url)}: ${maskUrlPasswords(reason)}`, {}, { cause: error })
}

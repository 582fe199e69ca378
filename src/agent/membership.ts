import { invalid } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { RegistrationAnswer, RegistrationRequest } from '../wire/agent/registration.ts'
import { register } from './server/register.ts'
import type { ServerAddress } from './server/server-address.ts'
import type { StateFolder } from './state-folder.ts'

type Self = Omit<RegistrationRequest, 'token' | 'identity'>

/** The keys by which this host belongs to a server. */
export class Membership {
  readonly #server: ServerAddress
  readonly #state: StateFolder
  readonly #token: string | undefined
  readonly #self: Self
  readonly #log: Log
  #refused = false

  constructor(server: ServerAddress, state: StateFolder, token: string | undefined, self: Self, log: Log) {
    this.#server = server
    this.#state = state
    this.#token = token
    this.#self = self
    this.#log = log
  }

  /** Those it has, else it registers. Throws kind `invalid` when that needs a token, and what `register` throws. */
  async keys(): Promise<RegistrationAnswer> {
    const { url } = this.#server
    const state = await this.#state.load()
    const isHere = state.keys !== undefined && state.url === url
    if (state.keys !== undefined && isHere && !(this.#refused && this.#token !== undefined)) return state.keys
    if (this.#token === undefined) throw invalid(`This host has not joined ${url}: start it once with --token`)
    const { identity } = state
    const keys = await register(this.#server, { token: this.#token, identity, ...this.#self })
    await this.#state.save({ identity, url, keys })
    this.#refused = false
    this.#log.info('registered', { host: keys.host, server: url })
    return keys
  }

  /** The server does not take the keys any more: the next ones are new, if there is a token. */
  refused(): void {
    this.#refused = true
  }
}

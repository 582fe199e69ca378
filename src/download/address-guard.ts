import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { AddressRefused, type AddressRules } from './address-rules.ts'
import type { AddressScope } from './address-scope.ts'

/** Looks up all addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>

export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true })

/**
 * Looks names up and holds the very addresses that are connected to against the rules, so that a name which answers
 * differently the second time (DNS rebinding) gains nothing.
 */
export class AddressGuard {
  readonly #rules: AddressRules
  readonly #resolve: Resolve
  readonly #scopes = new Map<string, AddressScope>()

  constructor(rules: AddressRules, resolve: Resolve) {
    this.#rules = rules
    this.#resolve = resolve
  }

  /** A connector for one kind of connection. `onlyPublic`: a public upstream led there. */
  connector(options: buildConnector.BuildOptions, onlyPublic: boolean): buildConnector.connector {
    const connect = buildConnector({ ...options, allowH2: false, lookup: this.lookup(onlyPublic) })
    return (target, callback) => {
      try {
        this.checkLiteral(target.hostname, onlyPublic)
        connect(target, callback)
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)), null)
      }
    }
  }

  /** For `net.connect`, which asks it for names only. */
  lookup(onlyPublic: boolean): LookupFunction {
    return (hostname, options, callback) => {
      this.#permitted(hostname, onlyPublic).then(
        (addresses) => {
          const [first] = addresses
          if (options.all === true || first === undefined) callback(null, [...addresses])
          else callback(null, first.address, first.family)
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      )
    }
  }

  /** Throws `AddressRefused` when `hostname` is an address that must not be connected to. Names are checked later. */
  checkLiteral(hostname: string, onlyPublic: boolean): void {
    const refusal = this.#rules.refusalOfLiteral(hostname, onlyPublic)
    if (refusal !== undefined) throw new AddressRefused(refusal)
  }

  /** Whether `hostname` leads to the public network, as of the last connection. What cannot be looked up counts as public. */
  async isPublic(hostname: string): Promise<boolean> {
    const address = withoutBrackets(hostname)
    if (isIP(address) !== 0) return this.#rules.scope(address) === 'public'
    if (!this.#scopes.has(hostname)) await this.#permitted(hostname, false).catch(() => undefined)
    return this.#scopes.get(hostname) !== 'private'
  }

  async #permitted(hostname: string, onlyPublic: boolean): Promise<readonly LookupAddress[]> {
    const addresses = await this.#resolve(hostname)
    const refusals = addresses.map(({ address }) => this.#rules.refusal(hostname, address, onlyPublic))
    const permitted = addresses.filter((_, index) => refusals[index] === undefined)
    if (permitted.length === 0 && refusals[0] !== undefined) throw new AddressRefused(refusals[0])
    const isPublic = permitted.some(({ address }) => this.#rules.scope(address) === 'public')
    this.#scopes.set(hostname, isPublic ? 'public' : 'private')
    return permitted
  }
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

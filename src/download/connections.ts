import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici'
import { cancelled, DeckleError } from '../core/errors.ts'
import type { UpstreamSettings } from '../core/upstream.ts'
import type { AddressGuard } from './address-guard.ts'
import { basicAuth, type Hop } from './hop.ts'

/** Milliseconds. There is no limit on a whole transfer: only silence counts. */
export interface Timeouts {
  readonly connect: number
  /** From the request to the head of the response. */
  readonly headers: number
  /** Between two pieces of a body. */
  readonly stall: number
}

/** The open connections of one upstream: a pool for each origin and kind of trust. */
export class Connections {
  readonly #settings: UpstreamSettings
  readonly #guard: AddressGuard
  readonly #timeouts: Timeouts
  readonly #limit: number
  #isClosed = false
  readonly #contexts = new Map<boolean, SecureContext>()
  readonly #pools = new Map<string, Dispatcher>()

  constructor(settings: UpstreamSettings, guard: AddressGuard, timeouts: Timeouts, limit: number) {
    this.#settings = settings
    this.#guard = guard
    this.#timeouts = timeouts
    this.#limit = limit
  }

  /**
   * Throws `AddressRefused` for an address that is known already to be refused; names are checked while connecting. Throws kind
   * `cancelled` once closed.
   */
  to(hop: Hop): Dispatcher {
    if (this.#isClosed) throw cancelled()
    this.#guard.checkLiteral(hop.url.hostname, hop.onlyPublic)
    const { proxy } = this.#settings
    const origin = proxy === undefined ? hop.url.origin : 'proxy'
    const key = `${origin} ${hop.trusted} ${hop.onlyPublic}`
    const pool = this.#pools.get(key) ?? (proxy === undefined ? this.#pool(hop) : this.#proxy(proxy, hop))
    this.#pools.set(key, pool)
    return pool
  }

  /** Cuts what is still open, for good: a transfer that waits for another attempt must not open anything again. */
  async close(): Promise<void> {
    this.#isClosed = true
    const pools = [...this.#pools.values()]
    this.#pools.clear()
    await Promise.all(pools.map((pool) => pool.destroy()))
  }

  /** HTTP/1.1 only: many connections outrun one, and pausing one transfer holds up no other. */
  #pool(hop: Hop): Dispatcher {
    const connect = this.#guard.connector({ ...this.#tls(hop), timeout: this.#timeouts.connect }, hop.onlyPublic)
    return new Pool(hop.url.origin, { connections: this.#limit, allowH2: false, connect })
  }

  /** Through a proxy the proxy looks names up: our rules hold for its own address, and for targets given as an address. */
  #proxy(proxy: NonNullable<UpstreamSettings['proxy']>, hop: Hop): Dispatcher {
    const uri = new URL(proxy.host.includes('://') ? proxy.host : `http://${proxy.host}`)
    if (proxy.port !== undefined) uri.port = String(proxy.port)
    this.#guard.checkLiteral(uri.hostname, false)
    return new ProxyAgent({
      uri: uri.href,
      ...(proxy.username !== undefined && { token: basicAuth(proxy.username, proxy.password ?? '') }),
      connections: this.#limit,
      allowH2: false,
      connectTimeout: this.#timeouts.connect,
      proxyTls: { lookup: this.#guard.lookup(false) },
      requestTls: this.#tls(hop),
    })
  }

  /** Read once, not for each connection. */
  #tls(hop: Hop): buildConnector.BuildOptions {
    const { tls } = this.#settings
    if (tls === undefined) return {}
    const shown = hop.trusted && tls.certificate !== undefined
    const secureContext = this.#contexts.get(shown) ?? secureContextOf(tls, shown)
    this.#contexts.set(shown, secureContext)
    return { rejectUnauthorized: tls.verify, secureContext }
  }
}

/** Throws kind `invalid` for certificates or keys that are none: a tunnel that failed of them would stay open. */
function secureContextOf(tls: NonNullable<UpstreamSettings['tls']>, shown: boolean): SecureContext {
  const { certificate: cert, key, ca } = tls
  try {
    if (ca !== undefined) new X509Certificate(ca)
    return createSecureContext({ ...(ca !== undefined && { ca }), ...(shown && { cert, key: key ?? cert }) })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const fields = ['ssl_ca_cert', 'ssl_client_cert', 'ssl_client_key']
    throw new DeckleError(
      'invalid',
      `the certificates for this upstream cannot be used (${reason}): see ${fields.join(', ')}`,
      {
        code: 'tls',
        fields,
      },
    )
  }
}

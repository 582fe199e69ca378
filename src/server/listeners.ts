import { invalid } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Config } from './config.ts'
import type { Handlers } from './handlers.ts'
import { type HttpServer, listen, requireFree } from './http-server.ts'
import type { TlsIdentities } from './tls/tls-identities.ts'

/** Where this process answers. */
export interface Listeners {
  readonly http: HttpServer
  readonly https: HttpServer | undefined
  close(): Promise<void>
}

export interface ListenersOptions {
  /** Other processes listen on the same ports. */
  readonly shared: boolean
  readonly tls: TlsIdentities | undefined
}

/** Listens for HTTP, and beside it for TLS where that is on; both have the same handlers. Of both or none. */
export async function listenAll(
  { httpHost, httpPort, httpsPort }: Config,
  { list, upgrades }: Handlers,
  { shared, tls }: ListenersOptions,
): Promise<Listeners> {
  const http = await listen(httpHost, httpPort, list, { shared, upgrades })
  try {
    const https = tls && (await listen(httpHost, httpsPort, list, { shared, upgrades, tls }))
    const close = async () => void (await Promise.all([http.close(), https?.close()]))
    return { http, https, close }
  } catch (error) {
    await http.close()
    throw error
  }
}

/** Throws when the ports of the settings are taken, by somebody or by each other, which would not show where ports are shared. */
export async function requireFreePorts({ httpHost, httpPort, httpsPort }: Config, isSecure: boolean): Promise<void> {
  if (isSecure && httpPort === httpsPort && httpPort !== 0) {
    throw invalid('DECKLE_HTTP_PORT (http.port) and DECKLE_HTTPS_PORT (https.port) must differ')
  }
  await requireFree(httpHost, httpPort, 'DECKLE_HTTP_PORT')
  if (isSecure) await requireFree(httpHost, httpsPort, 'DECKLE_HTTPS_PORT')
}

/** SIGHUP asks for a look at the TLS files, but on a terminal, where it says that the terminal is gone. */
export function reloadOnHangup(tls: TlsIdentities, log: Log, passOn = () => {}): { stop(): void } {
  const reload = () => {
    log.info('SIGHUP: looking at the TLS files')
    void tls.reload()
    passOn()
  }
  if (!process.stdin.isTTY) process.on('SIGHUP', reload)
  return { stop: () => void process.off('SIGHUP', reload) }
}

import { hostname } from 'node:os'
import type { CertificateAuthority } from '../core/certificate.ts'
import type { ServerAddressBook, ServerAddresses } from '../core/server-addresses.ts'
import type { Config } from './config.ts'

/** Ports that this process listens on. */
export interface OwnPorts {
  readonly http: { readonly port: number }
  readonly https: { readonly port: number } | undefined
}

/** Writes down where clients find this server, for the payloads of consumers that any process may make. */
export async function tellAddresses(
  config: Config,
  { addresses, authority }: { readonly addresses: ServerAddressBook; readonly authority: CertificateAuthority },
  { http, https }: OwnPorts,
): Promise<void> {
  const ownCertificate = https !== undefined && config.tlsCert.length === 0
  const caCertificate = ownCertificate ? await authority.certificate() : null
  await addresses.tell({ hosts: hostsOf(config, http.port, https?.port), caCertificate })
}

/** What the settings say wins, for the protocol that they say it of. */
function hostsOf(config: Config, http: number, https: number | undefined): ServerAddresses['hosts'] {
  const said = URL.parse(config.httpUrl ?? '')
  const name = said?.hostname ?? nameOf(config.httpHost)
  const own = {
    http: withPort(name, http, 80),
    ...(https !== undefined && { https: withPort(name, https, 443) }),
  }
  if (said === null) return own
  return { ...own, [said.protocol === 'https:' ? 'https' : 'http']: said.host }
}

/** The machine's own name where it listens on all of its addresses. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname()
  return host.includes(':') ? `[${host}]` : host
}

function withPort(name: string, port: number, usual: number): string {
  return port === usual ? name : `${name}:${port}`
}

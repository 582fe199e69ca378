export type Protocol = 'http' | 'https'

/** Where consumers find this server, as payloads for them say it. */
export interface ServerAddresses {
  /** Protocol → host under which they reach it by that protocol, with the port if it is not the protocol's own; those it answers on. */
  readonly hosts: Readonly<Partial<Record<Protocol, string>>>
  /** PEM of the authority of the server's certificate; null without TLS or with a certificate of the operator's. */
  readonly caCertificate: string | null
}

/** What the processes that listen have said, for those that do not. */
export interface ServerAddressBook {
  tell(addresses: ServerAddresses): Promise<void>
  /** What was said last; nothing before the server has listened for the first time. */
  read(): Promise<ServerAddresses>
}

/**
 * The one name that a payload has room for, with the protocols that it is right for: those on which a distributor serves, HTTPS
 * where the ports make two names of it. Without TLS everything is on HTTP (DESIGN §5).
 */
export function consumerAddress(
  { hosts }: ServerAddresses,
  served: Readonly<Record<Protocol, boolean>>,
): { readonly name: string; readonly protocols: readonly Protocol[] } {
  if (hosts.https === undefined) return { name: hosts.http ?? '', protocols: ['http'] }
  const right = (['http', 'https'] as const).filter((protocol) => served[protocol])
  const name = right.includes('https') ? hosts.https : (hosts.http ?? '')
  return { name, protocols: right.filter((protocol) => hosts[protocol] === name) }
}

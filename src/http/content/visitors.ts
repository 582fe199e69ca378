import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Visitor } from '../../core/content-access.ts'
import { clientCertificate } from '../kit/client-certificate.ts'

/** Whose `X-Forwarded-Proto` is believed: everybody's, nobody's, or that of these addresses and networks. */
export type ProxyTrust = boolean | readonly string[]

export type VisitorOf = (request: IncomingMessage) => Visitor

const noChain = () => []
const plain: Visitor = { protocol: 'http', chain: noChain }
/** Somebody whose certificate, if any, a proxy has kept to itself. */
const behindProxy: Visitor = { protocol: 'https', chain: noChain }
const longestChain = 16

/** Who asks for content, by connection: nothing is looked at twice. */
export function visitors(trust: ProxyTrust = false): VisitorOf {
  const secure = new WeakMap<TLSSocket, Visitor>()
  const isTrusted = trustIn(trust)
  return (request) => {
    const { socket, headers } = request
    if (socket instanceof TLSSocket) {
      const known = secure.get(socket) ?? overTls(request)
      secure.set(socket, known)
      return known
    }
    const forwarded = headers['x-forwarded-proto']
    if (forwarded === undefined || !isTrusted(socket.remoteAddress ?? '')) return plain
    // Of several the one that the proxy next to us has written, as the APIs read it.
    return String(forwarded).split(',').at(-1)?.trim().toLowerCase() === 'https' ? behindProxy : plain
  }
}

function overTls(request: IncomingMessage): Visitor {
  let shown: readonly X509Certificate[] | undefined
  const chain = () => {
    shown ??= chainOf(request)
    return shown
  }
  return { protocol: 'https', chain }
}

/** In the order in which the client has sent them. */
function chainOf(request: IncomingMessage): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let next = clientCertificate(request)
  while (next !== undefined && chain.length < longestChain) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

function trustIn(trust: ProxyTrust): (address: string) => boolean {
  if (typeof trust === 'boolean') return () => trust
  const list = new BlockList()
  for (const entry of trust) {
    const [address = '', bits] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

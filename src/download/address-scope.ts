import { BlockList, isIP, isIPv6 } from 'node:net'

/**
 * Where an address leads. `forbidden`: cloud metadata, link-local and what is no single host; nothing good is ever mirrored
 * from there. `private`: this machine and its networks. Everything else is `public`.
 */
export type AddressScope = 'public' | 'private' | 'forbidden'

/** IPv4 networks; RFC 6890 unless another source is named. */
const forbidden4 = [
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  // Metadata services outside of link-local: Alibaba Cloud, Oracle Cloud, Azure.
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
] as const

const private4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const

const forbidden6 = [
  ['fe80::', 10],
  ['ff00::', 8],
  // Metadata services: AWS, Google Cloud.
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
] as const

const private6 = [
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fec0::', 10],
  // Tunnels that may end in a private network: Teredo, 6to4.
  ['2001::', 32],
  ['2002::', 16],
] as const

const forbidden = blockList(forbidden4, forbidden6)
const privateScope = blockList(private4, private6)

/** `address` is an IP address, without brackets. Throws `TypeError` for anything else. */
export function addressScope(address: string): AddressScope {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (isIP(address) === 0) throw new TypeError(`${address} is not an IP address`)
  if (forbidden.check(address, family)) return 'forbidden'
  return privateScope.check(address, family) ? 'private' : 'public'
}

type Networks = readonly (readonly [string, number])[]

function blockList(networks4: Networks, networks6: Networks): BlockList {
  const list = new BlockList()
  for (const [network, bits] of networks4) {
    // A rule for IPv4 also catches ::ffff:a.b.c.d; NAT64 (RFC 6052) needs its own.
    list.addSubnet(network, bits, 'ipv4')
    list.addSubnet(`64:ff9b::${network}`, 96 + bits, 'ipv6')
  }
  for (const [network, bits] of networks6) list.addSubnet(network, bits, 'ipv6')
  return list
}

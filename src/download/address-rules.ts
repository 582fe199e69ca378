import { BlockList, isIP } from 'node:net'
import { invalid } from '../core/errors.ts'
import { type AddressScope, addressScope } from './address-scope.ts'

/** An address that must not be connected to. The message says what and how to allow it. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** Which addresses upstream connections may reach (DESIGN §5). */
export class AddressRules {
  readonly #hosts = new Set<string>()
  readonly #networks = new BlockList()
  readonly #scope: (address: string) => AddressScope

  /** `allow`: host names, IP addresses and networks (`10.1.0.0/16`) that no rule refuses; the setting DECKLE_UPSTREAM_ALLOW. */
  constructor(allow: readonly string[], scope: (address: string) => AddressScope = addressScope) {
    this.#scope = scope
    for (const entry of allow) this.#allow(entry.trim().toLowerCase())
  }

  scope(address: string): AddressScope {
    return this.#scope(address)
  }

  /**
   * Why `address`, which `hostname` resolved to, must not be connected to; undefined if it may. `onlyPublic`: a public
   * upstream led there.
   */
  refusal(hostname: string, address: string, onlyPublic: boolean): string | undefined {
    const scope = this.#scope(address)
    if (scope === 'public' || (scope === 'private' && !onlyPublic)) return undefined
    if (this.#hosts.has(hostname.toLowerCase()) || this.#networks.check(address, family(address))) return undefined
    const where = hostname === address ? address : `${hostname} (${address})`
    const why =
      scope === 'private'
        ? 'a public upstream must not lead to private addresses'
        : 'link-local and metadata addresses are refused'
    return `${where} is refused: ${why}. If it is meant, list it in DECKLE_UPSTREAM_ALLOW`
  }

  /** The same for a host that is written as an address, in brackets or not; undefined for names, which are checked while connecting. */
  refusalOfLiteral(hostname: string, onlyPublic: boolean): string | undefined {
    const address = hostname.replace(/^\[(.*)\]$/, '$1')
    return isIP(address) === 0 ? undefined : this.refusal(address, address, onlyPublic)
  }

  #allow(entry: string): void {
    const [network = '', bits] = entry.split('/')
    if (isIP(network) !== 0 && bits === undefined) this.#networks.addAddress(network, family(network))
    else if (isNetwork(network, bits)) this.#networks.addSubnet(network, Number(bits), family(network))
    else if (/^[a-z0-9._-]*[a-z][a-z0-9._-]*$/.test(entry)) this.#hosts.add(entry)
    else
      throw invalid(`DECKLE_UPSTREAM_ALLOW: "${entry}" is not a host name, an IP address or a network like 10.1.0.0/16`)
  }
}

function isNetwork(network: string, bits: string | undefined): boolean {
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(network)] ?? -1
  return /^\d{1,3}$/.test(bits ?? '') && Number(bits) <= most
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

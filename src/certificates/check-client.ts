import type { X509Certificate } from 'node:crypto'
import { BoundedCache } from '../core/bounded-cache.ts'
import type { ClientCheck } from '../core/content-access.ts'
import { sha256Hex } from '../core/digest.ts'
import { type EntitledPaths, entitledPaths } from './entitled-paths.ts'
import { readCertificates } from './read-certificates.ts'

type Chain = readonly X509Certificate[]

/** What is known of a certificate under an authority. */
interface Standing {
  readonly fault: string | undefined
  /** Undefined: it says nothing about paths, so the authority's word is enough. */
  readonly paths: EntitledPaths | undefined
  readonly until: number
}

/** For how long a certificate is not looked at again (design-notes §3). */
const rememberedMs = 60_000
const rememberedBytes = 4 * 1024 * 1024
const standingBytes = 2048
/** Authorities between a client's certificate and one that is trusted. */
const longestChain = 8
const clientUses = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'])

/**
 * Whether a client is vouched for by an authority, and has a right to the path where his certificate is an entitlement (pulp2-types
 * §5.9). Signatures are looked at once a minute for each certificate.
 */
export function checkClients(now: () => Date = () => new Date()): ClientCheck {
  const known = new BoundedCache<Standing>(rememberedBytes)
  /** Of the last request with a chain, which stays the same for a connection: nothing is hashed for the next one. */
  const shown = new WeakMap<Chain, { readonly authority: string; readonly standing: Standing }>()
  const standingOfAny = (chain: Chain, own: X509Certificate, authority: string): Standing => {
    const key = `${chain.map((one) => one.fingerprint256).join()} ${sha256Hex(authority)}`
    const remembered = known.get(key)
    if (remembered !== undefined && now().getTime() < remembered.until) return remembered
    const standing = standingOf(chain, own, authority, now())
    known.set(key, standing, standingBytes)
    return standing
  }
  return (chain, authority, path) => {
    const [own] = chain
    if (own === undefined) return 'a client certificate is needed'
    const last = shown.get(chain)
    const isFresh = last?.authority === authority && now().getTime() < last.standing.until
    const standing = isFresh ? last.standing : standingOfAny(chain, own, authority)
    if (!isFresh) shown.set(chain, { authority, standing })
    if (standing.fault !== undefined) return standing.fault
    return standing.paths?.(path) === false ? 'the client certificate gives no right to this path' : undefined
  }
}

function standingOf(chain: readonly X509Certificate[], own: X509Certificate, authority: string, now: Date): Standing {
  const fault = faultOf(chain, own, authority, now)
  const paths = fault === undefined ? entitledPaths(own) : undefined
  const end = fault === undefined ? own.validToDate.getTime() : Number.POSITIVE_INFINITY
  return { fault, paths, until: Math.min(now.getTime() + rememberedMs, end) }
}

function faultOf(
  chain: readonly X509Certificate[],
  own: X509Certificate,
  authority: string,
  now: Date,
): string | undefined {
  if (!isValidAt(own, now)) return 'the client certificate is out of date'
  if (own.keyUsage !== undefined && !own.keyUsage.some((use) => clientUses.has(use))) {
    return 'the certificate is none of a client'
  }
  const trusted = authoritiesIn(authority).filter((one) => isValidAt(one, now))
  return leadsTo(trusted, own, chain.slice(1), now)
    ? undefined
    : 'the client certificate is not of the authority of this content'
}

/** None where the text was sealed before it was looked at closely. */
function authoritiesIn(pem: string): readonly X509Certificate[] {
  try {
    return readCertificates(pem)
  } catch {
    return []
  }
}

/** Clients send what stands between them and the authority in any order, with more than is needed. */
function leadsTo(
  trusted: readonly X509Certificate[],
  own: X509Certificate,
  between: readonly X509Certificate[],
  now: Date,
): boolean {
  let certificate: X509Certificate | undefined = own
  for (let length = 0; certificate !== undefined && length < longestChain; length++) {
    const signed: X509Certificate = certificate
    if (trusted.some((one) => isSignedBy(signed, one))) return true
    certificate = between.find((one) => one.ca && isValidAt(one, now) && isSignedBy(signed, one))
  }
  return false
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function isValidAt(certificate: X509Certificate, time: Date): boolean {
  return certificate.validFromDate <= time && time < certificate.validToDate
}

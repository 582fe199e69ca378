import { createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto'
import { BoundedCache } from '../core/bounded-cache.ts'
import type {
  AuthorityStore,
  CertificateAuthority,
  CertificateSubject,
  IssuedCertificate,
  StoredAuthority,
} from '../core/certificate.ts'
import type { Signer, WantedCertificate } from './sign-certificate.ts'
import { commonName, parseSubjectName, subjectName } from './subject-name.ts'

export interface OwnAuthorityOptions {
  readonly store: AuthorityStore
  /** Keeps the private key out of rows and answers. */
  readonly sealer: () => Promise<AuthoritySealer>
  /** Other authorities whose names of users and consumers are believed; asked for while a certificate is looked at. */
  readonly trusted?: () => Promise<readonly X509Certificate[]>
  /** Told of the certificate of the authority when it is first used. */
  readonly opened?: (certificate: string) => Promise<void>
  readonly now?: () => Date
}

export interface AuthoritySealer {
  seal(secret: string): string
  open(sealed: string): string | undefined
}

interface OpenAuthority {
  readonly stored: StoredAuthority
  readonly certificate: X509Certificate
}

/** Who a certificate belongs to, while it is known. */
interface Identity {
  readonly subject: CertificateSubject | undefined
  readonly until: number
}

const dayMs = 24 * 3600 * 1000
/** Days; those of users and consumers are Pulp's (pulp2-api §1.5). */
const lifetimes = { authority: 20 * 365, server: 365, user: 7, consumer: 3650 }
/** Clocks of hosts may be behind ours. */
const backdatedMs = dayMs
const clientUse = '1.3.6.1.5.5.7.3.2'
/** For how long a certificate is not looked at again (design-notes §3). */
const rememberedMs = 60_000
const rememberedBytes = 1024 * 1024
const identityBytes = 1024

/** The authority of one installation. Nothing is read or made before it is needed. */
export class OwnAuthority implements CertificateAuthority {
  readonly #options: OwnAuthorityOptions
  readonly #now: () => Date
  /** By the fingerprint of the certificate. */
  readonly #identities = new BoundedCache<Identity>(rememberedBytes)
  #opened: Promise<OpenAuthority> | undefined

  constructor(options: OwnAuthorityOptions) {
    this.#options = options
    this.#now = options.now ?? (() => new Date())
  }

  async certificate(): Promise<string> {
    return (await this.#open()).stored.certificate
  }

  async issue(subject: CertificateSubject): Promise<IssuedCertificate> {
    return this.#issue({
      commonName: subjectName(subject),
      purpose: 'client',
      ...this.#validFor(lifetimes[subject.kind]),
    })
  }

  async issueForServer(names: readonly string[]): Promise<IssuedCertificate> {
    const [name = 'localhost'] = names
    return this.#issue({ commonName: name, purpose: 'server', names, ...this.#validFor(lifetimes.server) })
  }

  async identify(certificate: string | Uint8Array): Promise<CertificateSubject | undefined> {
    const presented = parsed(certificate)
    if (presented === undefined) return undefined
    const now = this.#now().getTime()
    const known = this.#identities.get(presented.fingerprint256)
    if (known !== undefined && now < known.until) return known.subject
    const subject = await this.#subjectOf(presented)
    const until = Math.min(now + rememberedMs, subject === undefined ? Number.POSITIVE_INFINITY : endOf(presented))
    this.#identities.set(presented.fingerprint256, { subject, until }, identityBytes)
    return subject
  }

  async #subjectOf(presented: X509Certificate): Promise<CertificateSubject | undefined> {
    if (!isValidAt(presented, this.#now())) return undefined
    const subject = parseSubjectName(commonName(presented) ?? '')
    if (subject === undefined || presented.ca) return undefined
    const { keyUsage: uses } = presented
    // One that was made for a server proves nobody, whatever its name looks like.
    if (uses?.includes(clientUse) && isOf(presented, (await this.#open()).certificate)) return subject
    if (uses !== undefined && !uses.includes(clientUse)) return undefined
    const trusted = (await this.#options.trusted?.()) ?? []
    const isTrusted = trusted.some((authority) => isValidAt(authority, this.#now()) && isOf(presented, authority))
    return isTrusted ? withoutId(subject) : undefined
  }

  async #issue(wanted: WantedCertificate): Promise<IssuedCertificate> {
    const { stored } = await this.#open()
    const { makeKeys, signCertificate } = await import('./sign-certificate.ts')
    const keys = await makeKeys()
    const certificate = await signCertificate(wanted, keys, await this.#signer(stored))
    return { key: String(keys.privateKey.export({ type: 'pkcs1', format: 'pem' })), certificate }
  }

  async #signer({ certificate, sealedKey }: StoredAuthority): Promise<Signer> {
    const key = (await this.#options.sealer()).open(sealedKey)
    if (key === undefined) throw new Error('the key of the certificate authority was sealed with another key')
    const privateKey = createPrivateKey(key)
    const name = commonName(new X509Certificate(certificate)) ?? ''
    return { commonName: name, keys: { privateKey, publicKey: createPublicKey(privateKey) } }
  }

  #open(): Promise<OpenAuthority> {
    this.#opened ??= this.#read().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #read(): Promise<OpenAuthority> {
    const { store, opened } = this.#options
    const stored = (await store.find()) ?? (await store.keep(await this.#make()))
    await opened?.(stored.certificate)
    return { stored, certificate: new X509Certificate(stored.certificate) }
  }

  /** Its name is its own, so that hosts can trust those of several installations. */
  async #make(): Promise<StoredAuthority> {
    const { makeKeys, signCertificate } = await import('./sign-certificate.ts')
    const keys = await makeKeys()
    const name = `Deckle authority ${randomBytes(4).toString('hex')}`
    const wanted = { commonName: name, purpose: 'authority', ...this.#validFor(lifetimes.authority) } as const
    const certificate = await signCertificate(wanted, keys)
    const key = String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    return { certificate, sealedKey: (await this.#options.sealer()).seal(key) }
  }

  #validFor(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
    const now = this.#now().getTime()
    return { notBefore: new Date(now - backdatedMs), notAfter: new Date(now + days * dayMs) }
  }
}

function parsed(certificate: string | Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate)
  } catch {
    return undefined
  }
}

function isValidAt(certificate: X509Certificate, time: Date): boolean {
  return certificate.validFromDate <= time && time < certificate.validToDate
}

function isOf(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}

function withoutId(subject: CertificateSubject): CertificateSubject {
  return subject.kind === 'user' ? { ...subject, id: null } : subject
}

function endOf(certificate: X509Certificate): number {
  return certificate.validToDate.getTime()
}

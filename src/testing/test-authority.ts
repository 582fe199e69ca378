import { makeKeys, type Signer, type SigningKeys, signCertificate } from '../certificates/sign-certificate.ts'

export interface TestCertificate {
  readonly certificate: string
  readonly key: string
}

export interface TestCertificateOptions {
  /** Of a server's names. */
  readonly names?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Object identifier → DER. */
  readonly extensions?: Readonly<Record<string, Uint8Array>>
}

const dayMs = 24 * 3600 * 1000
/** The same for everybody who is no authority: making keys takes longest. */
let leafKeys: Promise<SigningKeys> | undefined

/** An authority of somebody else's, for tests. */
export class TestAuthority {
  readonly certificate: string
  readonly #signer: Signer

  private constructor(certificate: string, signer: Signer) {
    this.certificate = certificate
    this.#signer = signer
  }

  static async make(commonName = 'test authority'): Promise<TestAuthority> {
    const keys = await makeKeys()
    const certificate = await signCertificate({ commonName, purpose: 'authority', ...validity({}) }, keys)
    return new TestAuthority(certificate, { commonName, keys })
  }

  /** Somebody who signs with the key of a certificate that is no authority's. */
  static async pretending(commonName: string): Promise<TestAuthority> {
    leafKeys ??= makeKeys()
    return new TestAuthority('', { commonName, keys: await leafKeys })
  }

  /** One below this one. */
  async below(commonName: string): Promise<TestAuthority> {
    const keys = await makeKeys()
    const wanted = { commonName, purpose: 'authority', ...validity({}) } as const
    return new TestAuthority(await signCertificate(wanted, keys, this.#signer), { commonName, keys })
  }

  server(names: readonly string[], options: TestCertificateOptions = {}): Promise<TestCertificate> {
    return this.#sign(names[0] ?? 'server', 'server', { ...options, names })
  }

  client(commonName: string, options: TestCertificateOptions = {}): Promise<TestCertificate> {
    return this.#sign(commonName, 'client', options)
  }

  async #sign(commonName: string, purpose: 'server' | 'client', options: TestCertificateOptions) {
    leafKeys ??= makeKeys()
    const keys = await leafKeys
    const wanted = { commonName, purpose, ...options, ...validity(options) }
    const certificate = await signCertificate(wanted, keys, this.#signer)
    return { certificate, key: String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })) }
  }
}

function validity({ notBefore, notAfter }: TestCertificateOptions) {
  const now = Date.now()
  return { notBefore: notBefore ?? new Date(now - dayMs), notAfter: notAfter ?? new Date(now + 100 * dayMs) }
}

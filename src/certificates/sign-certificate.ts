import 'reflect-metadata'
import { generateKeyPair, type KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** What a certificate is to say. */
export interface WantedCertificate {
  readonly commonName: string
  readonly purpose: 'authority' | 'server' | 'client'
  readonly notBefore: Date
  readonly notAfter: Date
  /** Host names and addresses of a server. */
  readonly names?: readonly string[]
  /** Further extensions by their object identifiers, DER; none is critical. */
  readonly extensions?: Readonly<Record<string, Uint8Array>>
}

export interface SigningKeys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export interface Signer {
  readonly commonName: string
  readonly keys: SigningKeys
}

const signing = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const usages = {
  authority: KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
  server: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment,
  client: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment,
}

/** RSA, 2048 bits: what all clients of the API know. */
export function makeKeys(): Promise<SigningKeys> {
  return promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
}

/**
 * A certificate in PEM for `keys`, signed with those of `signer` or with its own. This module is loaded with the first certificate
 * that is made, not with the server: the libraries take 23 MB.
 */
export async function signCertificate(
  wanted: WantedCertificate,
  keys: SigningKeys,
  signer: Signer = { commonName: wanted.commonName, keys },
): Promise<string> {
  const [publicKey, signerKey] = [await publicOf(keys), await publicOf(signer.keys)]
  const made = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [wanted.commonName] }],
    issuer: [{ CN: [signer.commonName] }],
    notBefore: wanted.notBefore,
    notAfter: wanted.notAfter,
    publicKey,
    signingKey: await privateOf(signer.keys),
    signingAlgorithm: signing,
    extensions: [
      new BasicConstraintsExtension(wanted.purpose === 'authority', undefined, true),
      new KeyUsagesExtension(usages[wanted.purpose], true),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(signerKey),
      ...purposeOf(wanted),
      ...Object.entries(wanted.extensions ?? {}).map(
        ([id, value]) => new Extension(id, false, new Uint8Array(value).buffer),
      ),
    ],
  })
  return `${made.toString('pem')}\n`
}

function purposeOf({ purpose, names = [] }: WantedCertificate): readonly Extension[] {
  if (purpose === 'authority') return []
  const use = purpose === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth
  const alternatives = names.map((name) => ({
    type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const),
    value: name,
  }))
  return [
    new ExtendedKeyUsageExtension([use]),
    ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : []),
  ]
}

/** Positive, 16 bytes (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes.readUInt8(0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function publicOf({ publicKey }: SigningKeys): Promise<webcrypto.CryptoKey> {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return webcrypto.subtle.importKey('spki', new Uint8Array(der), signing, true, ['verify'])
}

function privateOf({ privateKey }: SigningKeys): Promise<webcrypto.CryptoKey> {
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', new Uint8Array(der), signing, false, ['sign'])
}

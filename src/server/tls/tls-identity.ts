import { constants, createPrivateKey, type X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { readCertificates } from '../../certificates/read-certificates.ts'
import { invalid } from '../../core/errors.ts'

/** A certificate with its chain and key, both PEM, as they were read. */
export interface PemPair {
  readonly certificate: string
  readonly key: string
}

/** What the server proves itself with, to those who ask for one of its names. */
export interface TlsIdentity {
  readonly leaf: X509Certificate
  readonly options: SecureContextOptions
  readonly context: SecureContext
}

/** Throws kind `invalid` for what no client could be answered with. */
export function tlsIdentity({ certificate, key }: PemPair): TlsIdentity {
  const [leaf] = readCertificates(certificate)
  if (leaf === undefined) throw invalid('there is no certificate in PEM form')
  if (!leaf.checkPrivateKey(readKey(key))) throw invalid('the key is not the key of the certificate')
  const options: SecureContextOptions = {
    cert: certificate,
    key,
    minVersion: 'TLSv1.2',
    // A connection that goes on where another ended would not show the chain of its client's certificate again.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
  return { leaf, options, context: createSecureContext(options) }
}

function readKey(pem: string) {
  try {
    return createPrivateKey(pem)
  } catch {
    throw invalid('the key is not a private key in PEM form without a password')
  }
}

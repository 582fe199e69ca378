import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { invalid } from '../../core/errors.ts'
import { signedText } from '../../wire/agent/signed-text.ts'

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/
const keyBlock = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]+?-----END \1-----/

/** The private key of a consumer with the certificate that stands for it. */
export class Credential {
  /** PEM. */
  readonly certificate: string
  readonly #key: KeyObject

  /** `pem` has both, in any order. Throws kind `invalid` when they are not those of the consumer; `source` says where they are from. */
  constructor(pem: string, consumer: string, source: string) {
    const [certificate, key] = [certificateBlock.exec(pem)?.[0], keyBlock.exec(pem)?.[0]]
    if (certificate === undefined || key === undefined) {
      throw invalid(`${source} does not have both a private key and a certificate in PEM`)
    }
    const owner = ownerOf(certificate, source)
    if (owner !== consumer) throw invalid(`${source} has the certificate of ${owner}, not of consumer ${consumer}`)
    this.certificate = certificate
    this.#key = readKey(key, source)
  }

  /** Proves to the server that was dialled as `host` who this is, Base64. */
  answer(nonce: string, host: string): string {
    return sign('sha256', Buffer.from(signedText(nonce, host)), this.#key).toString('base64')
  }
}

function ownerOf(certificate: string, source: string): string {
  try {
    return /(?:^|\n)CN=([^\n]*)/.exec(new X509Certificate(certificate).subject)?.[1] ?? 'nobody'
  } catch {
    throw invalid(`the certificate in ${source} cannot be read`)
  }
}

function readKey(key: string, source: string): KeyObject {
  try {
    return createPrivateKey(key)
  } catch {
    throw invalid(`the private key in ${source} cannot be read`)
  }
}

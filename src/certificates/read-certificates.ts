import { X509Certificate } from 'node:crypto'
import { invalid } from '../core/errors.ts'

const block = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g

/** All certificates of a PEM text, in order; keys and words between them are passed over. Throws kind `invalid` where there is none. */
export function readCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(block) ?? []
  if (blocks.length === 0) throw invalid('there is no certificate in PEM form')
  return blocks.map((text) => {
    try {
      return new X509Certificate(text)
    } catch {
      throw invalid('a certificate is damaged')
    }
  })
}

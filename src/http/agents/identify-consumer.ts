import { randomBytes, verify, X509Certificate } from 'node:crypto'
import type { CertificateAuthority } from '../../core/certificate.ts'
import type { ConsumerAgentMessage } from '../../wire/agent/consumer-messages.ts'
import { signedText } from '../../wire/agent/signed-text.ts'

type Hello = Extract<ConsumerAgentMessage, { kind: 'hello' }>

export interface IdentifyServices {
  readonly authority: Pick<CertificateAuthority, 'identify'>
  /** Whether there is such a consumer now. */
  readonly isRegistered: (consumerId: string) => Promise<boolean>
}

/** The id of the consumer, or why it is none. */
export type Identified = { readonly consumer: string } | { readonly refusal: string }

export function newNonce(): string {
  return randomBytes(32).toString('base64')
}

/** Who says hello: he holds the key of a certificate that our authority gave to a consumer, and talks to this server itself. */
export async function identifyConsumer(
  hello: Hello,
  nonce: string,
  host: string,
  services: IdentifyServices,
): Promise<Identified> {
  if (hello.host.toLowerCase() !== host.toLowerCase()) {
    return { refusal: `the agent has dialled ${hello.host.slice(0, 255)}, but this server was asked for as ${host}` }
  }
  if (!isSigned(hello, nonce)) return { refusal: 'the certificate is none, or its key is another' }
  const subject = await services.authority.identify(hello.certificate)
  if (subject?.kind !== 'consumer') {
    return { refusal: 'the certificate is out of date, or was not given to a consumer by this server' }
  }
  if (await services.isRegistered(subject.id)) return { consumer: subject.id }
  return { refusal: `consumer ${subject.id} is not registered here any more` }
}

function isSigned({ certificate, host, signature }: Hello, nonce: string): boolean {
  try {
    const { publicKey } = new X509Certificate(certificate)
    return verify('sha256', Buffer.from(signedText(nonce, host)), publicKey, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

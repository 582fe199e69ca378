import type { CertificateSubject } from '../core/certificate.ts'

/** The common name that stands for somebody (pulp2-api §1.5). Ids of consumers hold no colon, so the two never meet. */
export function subjectName(subject: CertificateSubject): string {
  return subject.kind === 'user' ? `admin:${subject.login}:${subject.id}` : subject.id
}

/** Undefined for a name that we give nobody. */
export function parseSubjectName(name: string): CertificateSubject | undefined {
  const user = /^admin:([^:]+):([0-9a-f]{24})$/.exec(name)
  if (user?.[1] !== undefined && user[2] !== undefined) return { kind: 'user', login: user[1], id: user[2] }
  return /^[.\-_A-Za-z0-9]+$/.test(name) ? { kind: 'consumer', id: name } : undefined
}

/** The one common name of a certificate; undefined when it has none or several. */
export function commonName(certificate: { readonly subject: string | undefined }): string | undefined {
  const names = (certificate.subject ?? '').split('\n').filter((line) => line.startsWith('CN='))
  return names.length === 1 ? names[0]?.slice('CN='.length) : undefined
}

/** Whom a certificate of our own authority stands for (pulp2-api §1.5). */
export type CertificateSubject =
  /** CN `admin:<login>:<object id>`; valid for 7 days, given out by `POST /actions/login/`. */
  | { readonly kind: 'user'; readonly login: string; readonly key: number }
  /** CN is the consumer's id; valid for 3650 days, given out when it registers. */
  | { readonly kind: 'consumer'; readonly id: string }

/** A private key (PKCS #1 for RSA, as the API promises) with its certificate, both PEM. */
export interface IssuedCertificate {
  readonly key: string
  readonly certificate: string
}

/**
 * The authority of this installation, one for all its processes: it lives in the database and its certificate in the data folder,
 * for operators to hand out.
 */
export interface CertificateAuthority {
  /** PEM. */
  readonly certificate: string
  issue(subject: CertificateSubject): Promise<IssuedCertificate>
  /** Of a client certificate in PEM or DER; undefined when it is not ours or out of date. Does not look whether he still exists. */
  identify(certificate: string | Uint8Array): Promise<CertificateSubject | undefined>
}

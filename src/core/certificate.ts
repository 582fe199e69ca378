/** Whom a certificate stands for (pulp2-api §1.5). */
export type CertificateSubject =
  /**
   * CN `admin:<login>:<object id>`, the id as the API prints it; valid for 7 days, given out by `POST /actions/login/`. Ids of another
   * authority mean nothing here: null.
   */
  | { readonly kind: 'user'; readonly login: string; readonly id: string | null }
  /** CN is the consumer's id; valid for 3650 days, given out when it registers. */
  | { readonly kind: 'consumer'; readonly id: string }

/** A private key (PKCS #1 for RSA, as the API promises) with its certificate, both PEM. */
export interface IssuedCertificate {
  readonly key: string
  readonly certificate: string
}

/** The authority of this installation, one for all its processes. It is made when it is first needed, and lives in the database. */
export interface CertificateAuthority {
  /** Its own certificate, PEM, for operators and hosts to trust. */
  certificate(): Promise<string>
  /** Of a user, `id` must be told. */
  issue(subject: CertificateSubject): Promise<IssuedCertificate>
  /** For a server that goes by these host names and addresses. */
  issueForServer(names: readonly string[]): Promise<IssuedCertificate>
  /**
   * Of a client certificate in PEM or DER; undefined when it is out of date, or neither ours nor of an authority that the settings
   * trust. Does not look whether he still exists.
   */
  identify(certificate: string | Uint8Array): Promise<CertificateSubject | undefined>
}

/** An authority as it is kept. */
export interface StoredAuthority {
  /** PEM. */
  readonly certificate: string
  /** The private key (PKCS #8, PEM), sealed. */
  readonly sealedKey: string
}

export interface AuthorityStore {
  find(): Promise<StoredAuthority | undefined>
  /** Of several that are made at once the first one stays; returns that. */
  keep(made: StoredAuthority): Promise<StoredAuthority>
}

/** Vouches for the metadata of publications, by OpenPGP, with the one key of this installation. */
export interface MetadataSigner {
  /** Armored. Throws kind `invalid` when the settings name a key that cannot be used. */
  publicKey(): Promise<string>
  /** A detached signature of these bytes, armored. Throws as `publicKey` does. */
  sign(bytes: Uint8Array): Promise<string>
}

/** A key as it is kept. */
export interface StoredSigningKey {
  /** Armored. */
  readonly publicKey: string
  /** The private key (armored, without a passphrase), sealed. */
  readonly sealedKey: string
}

export interface SigningKeyStore {
  find(): Promise<StoredSigningKey | undefined>
  /** Of several that are made at once the first one stays; returns that. */
  keep(made: StoredSigningKey): Promise<StoredSigningKey>
}

import type { Config, PrivateKey } from 'openpgp'

export interface OpenPgpKey {
  /** Armored. */
  readonly publicKey: string
  /** Armored, without a passphrase. */
  readonly privateKey: string
}

/** What gpg and rpm of RHEL 7 take too, which know neither EdDSA nor notations that they are not told of. */
const bits = 3072
/** Clocks of hosts may be behind ours, and no key may be younger than their time. */
const backdatedMs = 24 * 3600 * 1000

/** A key for signatures that never expires; takes about a second. */
export async function makeOpenPgpKey(name: string, now = new Date()): Promise<OpenPgpKey> {
  const { generateKey } = await import('openpgp')
  const date = new Date(now.getTime() - backdatedMs)
  const userIDs = [{ name }]
  return generateKey({
    type: 'rsa',
    rsaBits: bits,
    userIDs,
    subkeys: [],
    date,
    format: 'armored',
    config: await plain(),
  })
}

/** Throws a plain error, in a few words, when the text is not a private key that can be used at once. */
export async function readOpenPgpKey(armored: string): Promise<PrivateKey> {
  const { readPrivateKey } = await import('openpgp')
  const key = await readPrivateKey({ armoredKey: armored })
  if (!key.isDecrypted()) throw new Error('it has a passphrase')
  await key.getSigningKey(undefined, undefined, undefined, await plain())
  return key
}

/** A detached signature, armored. */
export async function signDetached(bytes: Uint8Array, signingKeys: PrivateKey): Promise<string> {
  const { createMessage, sign } = await import('openpgp')
  const message = await createMessage({ binary: Uint8Array.from(bytes) })
  return sign({ message, signingKeys, detached: true, format: 'armored', config: await plain() })
}

/** What all readers know: SHA-256, and no salt in a notation. */
async function plain(): Promise<Config> {
  const { config, enums } = await import('openpgp')
  return { ...config, preferredHashAlgorithm: enums.hash.sha256, nonDeterministicSignaturesViaNotation: false }
}

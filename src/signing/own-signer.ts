import { randomBytes } from 'node:crypto'
import { invalid } from '../core/errors.ts'
import type { MetadataSigner, SigningKeyStore, StoredSigningKey } from '../core/metadata-signer.ts'

export interface OwnSignerOptions {
  readonly store: SigningKeyStore
  /** Keeps the private key out of rows and answers. */
  readonly sealer: () => Promise<{ seal(secret: string): string; open(sealed: string): string | undefined }>
  /** The private key that is to be used instead of one of our own, armored, and what to call it in messages; asked for each time. */
  readonly given?: () => Promise<{ readonly armored: string; readonly name: string } | undefined>
}

/** Signs with the key of one installation. Nothing is read or made before it is needed. */
export class OwnSigner implements MetadataSigner {
  readonly #options: OwnSignerOptions
  #opened: Promise<StoredSigningKey> | undefined

  constructor(options: OwnSignerOptions) {
    this.#options = options
  }

  async publicKey(): Promise<string> {
    const given = await this.#given()
    return given === undefined ? (await this.#open()).publicKey : given.toPublic().armor()
  }

  async sign(bytes: Uint8Array): Promise<string> {
    const { signDetached } = await import('./open-pgp.ts')
    return signDetached(bytes, (await this.#given()) ?? (await this.#own()))
  }

  async #given() {
    const given = await this.#options.given?.()
    if (given === undefined) return undefined
    const { readOpenPgpKey } = await import('./open-pgp.ts')
    return readOpenPgpKey(given.armored).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      throw invalid(`${given.name} is no private OpenPGP key to sign with: ${reason}. Export one without a passphrase`)
    })
  }

  async #own() {
    const key = (await this.#options.sealer()).open((await this.#open()).sealedKey)
    if (key === undefined) throw new Error('the key that signs metadata was sealed with another key')
    const { readOpenPgpKey } = await import('./open-pgp.ts')
    return readOpenPgpKey(key)
  }

  #open(): Promise<StoredSigningKey> {
    this.#opened ??= this.#read().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #read(): Promise<StoredSigningKey> {
    const { store } = this.#options
    return (await store.find()) ?? store.keep(await this.#make())
  }

  /** Its name is its own, so that hosts can tell those of several installations apart. */
  async #make(): Promise<StoredSigningKey> {
    const { makeOpenPgpKey } = await import('./open-pgp.ts')
    const { publicKey, privateKey } = await makeOpenPgpKey(`Deckle metadata ${randomBytes(4).toString('hex')}`)
    return { publicKey, sealedKey: (await this.#options.sealer()).seal(privateKey) }
  }
}

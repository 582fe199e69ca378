import { readFile } from 'node:fs/promises'
import type { Server } from 'node:https'
import { DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { type PemPair, type TlsIdentity, tlsIdentity } from './tls-identity.ts'

/** Where a certificate and its key lie; both in one file where the paths are the same. */
export interface PairOfFiles {
  readonly certificate: string
  readonly key: string
}

export interface TlsIdentitiesOptions {
  readonly files: readonly PairOfFiles[]
  readonly log: Log
  /** How often the files are looked at, in milliseconds. */
  readonly everyMs?: number
}

/**
 * What the server proves itself with, read again whenever the files change. Connections go on with what they began with; new ones
 * get the new certificate. Files that cannot be used change nothing: whoever replaces two of them does so one after the other.
 */
export class TlsIdentities {
  readonly #options: TlsIdentitiesOptions
  readonly #servers = new Set<Server>()
  #identities: readonly TlsIdentity[]
  /** As they were last read, whether they could be used or not. */
  #texts: string
  #reading: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  private constructor(options: TlsIdentitiesOptions, { pairs, texts }: Seen) {
    this.#options = options
    this.#identities = pairs.map(tlsIdentity)
    this.#texts = texts
    this.#timer = setInterval(() => void this.reload(), options.everyMs ?? 2000).unref()
  }

  /** Throws kind `invalid` when the files cannot be used. */
  static async open(options: TlsIdentitiesOptions): Promise<TlsIdentities> {
    const paths = options.files.map(({ certificate }) => certificate).join(', ')
    const seen = await look(options.files)
    try {
      if (seen.fault !== undefined) throw seen.fault
      return new TlsIdentities(options, seen)
    } catch (cause) {
      throw new DeckleError('invalid', `TLS cannot use ${paths}: ${reasonOf(cause)}`, {}, { cause })
    }
  }

  /** The one that clients get who ask for no name. */
  get first(): TlsIdentity {
    const [first] = this.#identities
    if (first === undefined) throw new RangeError('there is no certificate')
    return first
  }

  /** The first that goes by the name that a client asks for, else the first of all. */
  for(name: string): TlsIdentity {
    return this.#identities.find(({ leaf }) => leaf.checkHost(name) !== undefined) ?? this.first
  }

  /** Gives the server what is new from now on. */
  follow(server: Server): void {
    this.#servers.add(server)
    server.on('close', () => this.#servers.delete(server))
  }

  /** Looks at the files now; never throws. */
  reload(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#reload())
    return this.#reading
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #reload(): Promise<void> {
    const seen = await look(this.#options.files)
    if (seen.texts === this.#texts) return
    this.#texts = seen.texts
    try {
      if (seen.fault !== undefined) throw seen.fault
      this.#replace(seen.pairs.map(tlsIdentity))
    } catch (error) {
      const { log } = this.#options
      log.warn('new TLS files cannot be used; the certificate stays as it is', { reason: reasonOf(error) })
    }
  }

  #replace(identities: readonly TlsIdentity[]): void {
    this.#identities = identities
    const { leaf, options } = this.first
    for (const server of this.#servers) server.setSecureContext(options)
    this.#options.log.info('the TLS certificate was replaced', {
      names: leaf.subjectAltName ?? '',
      until: leaf.validTo,
    })
  }
}

/** What stands in the files, or why that cannot be told. */
interface Seen {
  readonly pairs: readonly PemPair[]
  readonly texts: string
  readonly fault?: unknown
}

async function look(files: readonly PairOfFiles[]): Promise<Seen> {
  try {
    const pairs = await Promise.all(files.map(readPair))
    return { pairs, texts: JSON.stringify(pairs) }
  } catch (fault) {
    return { pairs: [], texts: reasonOf(fault), fault }
  }
}

async function readPair({ certificate, key }: PairOfFiles): Promise<PemPair> {
  return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { invalid } from '../../core/errors.ts'

/** Where the server is, and how to trust it. */
export interface ServerAddress {
  /** `https://deckle.example.com`, without a slash at its end. */
  readonly url: string
  /** PEM of all authorities to trust; node's own list when undefined. */
  readonly ca: readonly string[] | undefined
  readonly userAgent: string
}

/** Throws kind `invalid` for anything but an address of HTTP. A path stays: the server may be behind one. */
export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw invalid('--url is the address of the server, https://host:port, without credentials')
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

/** `ca` is a file of PEM certificates to trust besides the usual ones. */
export async function serverAddress(url: string, ca: string | undefined, version: string): Promise<ServerAddress> {
  const authorities = ca === undefined ? undefined : [...rootCertificates, await readFile(ca, 'utf8')]
  return { url, ca: authorities, userAgent: `deckle-agent/${version}` }
}

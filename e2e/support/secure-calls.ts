import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { eventually } from '../../src/testing/eventually.ts'
import type { DeckleServer } from './deckle-server.ts'
import { runProgram, succeed } from './programs.ts'

/** Paths of a certificate and its key, as programs are told them. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

export interface SecureCall {
  /** The file of the authorities that curl trusts. */
  readonly ca: string
  readonly as?: Identity
  readonly method?: string
  /** `name:password`. */
  readonly user?: string
}

export interface SecureAnswer {
  readonly status: number
  readonly body: string
}

/** Where a server answers over TLS, without a last slash. */
export async function secureUrl(server: DeckleServer): Promise<string> {
  const announced = () => /^ {2}and at (https:\S+)\/$/m.exec(server.log)?.[1]
  await eventually(() => announced() !== undefined)
  return announced() ?? ''
}

/** Asks with curl; throws where the connection itself fails. */
export async function curl(url: string, { ca, as, method, user }: SecureCall): Promise<SecureAnswer> {
  const { stdout } = await succeed(clientPath('curl'), [
    ...['--silent', '--show-error', '--write-out', '\n%{http_code}', '--cacert', ca],
    ...(as === undefined ? [] : ['--cert', as.certificate, '--key', as.key]),
    ...(method === undefined ? [] : ['--request', method]),
    ...(user === undefined ? [] : ['--user', user]),
    url,
  ])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) }
}

/** What curl says of a server whom it is told to trust by nothing but the usual authorities. */
export async function complaintOfCurl(url: string): Promise<string> {
  return (await runProgram(clientPath('curl'), ['--silent', '--show-error', url])).stderr
}

/** Writes both into a folder, the key for its owner only. */
export async function saveIdentity(
  folder: string,
  name: string,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): Promise<Identity> {
  const paths = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
  await writeFile(paths.certificate, certificate)
  await writeFile(paths.key, key, { mode: 0o600 })
  return paths
}

/** Puts other content in the place of a file at once, as programs do that renew certificates. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text, { mode: 0o600 })
  await rename(`${path}.next`, path)
}

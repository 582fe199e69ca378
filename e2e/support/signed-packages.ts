import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { succeed } from './programs.ts'

/** A key of the local user alone, made for one test. */
export interface SigningKey {
  /** The last 16 hexadecimal digits of its fingerprint, lower case. */
  readonly id: string
  readonly home: string
}

/** `algorithm` as gpg names it: `rsa2048`, `ed25519`. Its agent ends when its folder is gone. */
export async function makeSigningKey(algorithm: string): Promise<SigningKey> {
  const home = join(await temporaryFolder(), 'gpg')
  const gpg = (...args: string[]) => succeed(clientPath('gpg'), ['--homedir', home, '--batch', ...args])
  await mkdir(home, { mode: 0o700 })
  await gpg('--passphrase', '', '--quick-gen-key', 'Signer <signer@example.test>', algorithm, 'sign', 'never')
  const { stdout } = await gpg('--list-keys', '--with-colons')
  const id = /^pub:(?:[^:]*:){3}([0-9A-F]{16}):/m.exec(stdout)?.[1]
  if (id === undefined) throw new Error(`gpg shows no key: ${stdout}`)
  return { id: id.toLowerCase(), home }
}

export function signPackage(path: string, key: SigningKey): Promise<void> {
  return signPackages([path], key)
}

export async function signPackages(paths: readonly string[], { id, home }: SigningKey): Promise<void> {
  const gpg = ['--define', `__gpg ${clientPath('gpg')}`]
  const definitions = [...gpg, '--define', `_gpg_name ${id}`, '--define', `_gpg_path ${home}`]
  await succeed(clientPath('rpm'), [...definitions, '--addsign', ...paths])
}

/** Armored. */
export async function publicKeyOf({ id, home }: SigningKey): Promise<string> {
  return (await succeed(clientPath('gpg'), ['--homedir', home, '--batch', '--armor', '--export', id])).stdout
}

/** Armored, without a passphrase. */
export async function secretKeyOf({ id, home }: SigningKey): Promise<string> {
  const args = ['--homedir', home, '--batch', '--armor', '--export-secret-keys', id]
  return (await succeed(clientPath('gpg'), args)).stdout
}

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { invalid } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { messageOf } from '../message-of.ts'
import type { ServerAddress } from '../server/server-address.ts'
import type { Registrar } from './consumer-options.ts'
import { Credential } from './credential.ts'
import { registerConsumer } from './register-consumer.ts'

export interface CredentialSources {
  readonly server: ServerAddress
  readonly consumer: string
  /** File that somebody else keeps. */
  readonly certificate: string | undefined
  readonly registrar: Registrar
  readonly stateFolder: string
  readonly log: Log
}

/**
 * The one of the file that was named, else the one that is kept, else a new one by registering the consumer, which is kept then. Throws
 * kind `invalid` when none of these works.
 */
export async function obtainCredential(sources: CredentialSources): Promise<Credential> {
  const { consumer, certificate, stateFolder, registrar, server, log } = sources
  if (certificate !== undefined) return new Credential(await read(certificate), consumer, certificate)
  const kept = join(stateFolder, `consumer-${consumer}.pem`)
  const known = await readFile(kept, 'utf8').catch(() => undefined)
  if (known !== undefined) return new Credential(known, consumer, kept)
  const pem = await registerConsumer(server, consumer, await authorization(registrar, consumer))
  const made = new Credential(pem, consumer, 'the answer to the registration')
  await keep(kept, pem)
  log.info('registered', { consumer, server: server.url, certificate: kept })
  return made
}

async function authorization({ user, passwordFile, token }: Registrar, consumer: string): Promise<string> {
  if (user !== undefined && passwordFile !== undefined) {
    const password = (await read(passwordFile)).split(/\r?\n/, 1)[0] ?? ''
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }
  if (token !== undefined) return `Bearer ${token}`
  throw invalid(
    `There is no certificate of consumer ${consumer}: give it by --certificate, or register by --user and --password-file`,
  )
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw invalid(`${path} cannot be read: ${messageOf(error)}`)
  }
}

/** Only its owner reads it. */
async function keep(path: string, pem: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(temporary, pem, { mode: 0o600 })
  await rename(temporary, path)
}

import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cancelled, DeckleError } from '../../core/errors.ts'
import type { Binaries } from './binaries.ts'
import { giveTo, type Places } from './placement.ts'
import type { Identity } from './run-program.ts'
import { runProgram } from './run-program.ts'
import { initdbArguments } from './settings.ts'

export interface ClusterOptions {
  readonly places: Places
  readonly binaries: Binaries
  readonly identity: Identity
  readonly signal: AbortSignal | undefined
}

export interface Cluster {
  /** Of the role `deckle`, the only one there is. */
  readonly password: string
}

/**
 * The database files in `places.data`, made when there are none. They are made elsewhere and renamed, so that being killed
 * on the way leaves nothing that a later start would have to understand.
 */
export async function ensureCluster({ places, binaries, identity, signal }: ClusterOptions): Promise<Cluster> {
  const passwordFile = join(places.folder, 'password')
  if (await exists(places.data)) {
    await requireOwner(places.data, identity)
    await requireMajor(places.data, binaries.major)
    return { password: await knownPassword(passwordFile) }
  }
  const password = await newPassword(passwordFile)
  await initialise({ places, binaries, identity, signal }, password)
  return { password }
}

async function requireMajor(data: string, major: number): Promise<void> {
  const text = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (text === undefined || Number.parseInt(text, 10) === major) return
  const found = `${data} was made by PostgreSQL ${text.trim()}, and this Deckle brings ${major}`
  const remedy =
    'Run `deckle backup FILE` of the release that made it, move the folder away, then `deckle restore FILE` of this one (docs/backup.md)'
  throw new DeckleError('invalid', `${found}. ${remedy}`)
}

/** It stays with us; the server keeps only a verifier. */
async function knownPassword(path: string): Promise<string> {
  const known = await readFile(path, 'utf8').catch(() => '')
  if (known.trim() !== '') return known.trim()
  throw new DeckleError(
    'invalid',
    `${path} holds the password of the embedded PostgreSQL and cannot be read; restore it`,
  )
}

/** On disk before the files that it opens. */
async function newPassword(path: string): Promise<string> {
  const password = randomBytes(24).toString('hex')
  await writeDurably(path, `${password}\n`)
  return password
}

async function initialise(options: ClusterOptions, password: string): Promise<void> {
  const { places, identity } = options
  await removeHalfMade(places.folder)
  const next = await mkdtemp(join(places.folder, 'init-'))
  await giveTo(next, identity)
  const [data, passwordFile] = [join(next, 'data'), join(next, 'password')]
  await mkdir(data, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  await Promise.all([giveTo(data, identity), giveTo(passwordFile, identity)])
  await initdb(options, [...initdbArguments, `--pwfile=${passwordFile}`, '-D', data])
  await rename(data, places.data)
  await rm(next, { recursive: true })
}

async function initdb({ binaries, identity, signal }: ClusterOptions, args: string[]): Promise<void> {
  const { code, errors } = await runProgram(join(binaries.folder, 'initdb'), args, identity, signal)
  if (signal?.aborted) throw cancelled()
  if (code !== 0) throw new DeckleError('internal', `the embedded PostgreSQL cannot make its files: ${errors.trim()}`)
}

async function removeHalfMade(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('init-'))
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
}

/** PostgreSQL starts only on files of its own user, and says so less clearly. */
async function requireOwner(data: string, identity: Identity): Promise<void> {
  const wanted = identity.uid ?? process.getuid?.()
  const { uid } = await stat(data)
  if (uid === wanted) return
  const message = `${data} belongs to user id ${uid}, but the embedded PostgreSQL would run as user id ${wanted}`
  throw new DeckleError('invalid', `${message}. Start Deckle as before, or give the folder to that user (chown -R)`)
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600)
  await file.writeFile(text)
  await file.sync()
  await file.close()
  await rename(`${path}.new`, path)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

import { createHash, randomUUID } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DeckleError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Identity } from './run-program.ts'
import { runProgram } from './run-program.ts'

/** Where the parts of an embedded server lie. Absolute, without links. */
export interface Places {
  /** Ours: the lock, the password, the log, copies of the binaries. The server's user may pass through, not write. */
  readonly folder: string
  /** The server's own. */
  readonly data: string
  readonly sockets: string
}

/** Holds clusters whose own folder the server's user cannot enter. */
const elsewhere = '/var/lib/deckle'

/** The longest path of a unix socket is 107 bytes (unix(7)); PostgreSQL puts this name into the folder. */
const longestFolder = 107 - '/.s.PGSQL.5432'.length

/** Makes the folders. When root gives the server to another user, that user must be able to come to its data. */
export async function place(folder: string, identity: Identity, log: Log): Promise<Places> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const chosen = await reachable(await realpath(folder), identity, log)
  const sockets = await socketFolder(chosen, identity)
  return { folder: chosen, data: join(chosen, 'data'), sockets }
}

/** Where the parts lie that `folder` stands for: in it, or where it says. */
export async function chosenFolder(folder: string): Promise<string> {
  const noted = await readFile(noteIn(folder), 'utf8').catch(() => undefined)
  return noted === undefined ? folder : join(elsewhere, noted.trim())
}

function noteIn(folder: string): string {
  return join(folder, 'elsewhere')
}

async function reachable(folder: string, identity: Identity, log: Log): Promise<string> {
  const note = noteIn(folder)
  const noted = await readFile(note, 'utf8').catch(() => undefined)
  if (noted === undefined && (await canEnter(folder, identity))) return folder
  const other = join(elsewhere, noted?.trim() ?? `postgres-${randomUUID()}`)
  await mkdir(other, { recursive: true, mode: 0o711 })
  if (!(await canEnter(other, identity))) throw unreachable(folder)
  // Kept in `folder`, the name moves with it, and an emptied folder gets an empty database.
  if (noted === undefined) await writeFile(note, `${basename(other)}\n`, { mode: 0o600 })
  log.warn('the database lies outside of the data folder, whose user cannot enter that', { folder, database: other })
  return other
}

function unreachable(folder: string): DeckleError {
  const remedy = 'Choose another DECKLE_DATA_DIR, or use another server by DECKLE_DATABASE_URL'
  return new DeckleError(
    'invalid',
    `the user of the embedded PostgreSQL cannot enter ${folder} or ${elsewhere}. ${remedy}`,
  )
}

/** Tried by the user itself; our own folder needs no trial. */
async function canEnter(folder: string, identity: Identity): Promise<boolean> {
  if (identity.uid === undefined) return true
  await chmod(folder, 0o711)
  const { code, errors } = await runProgram('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], identity)
  if (code === null) throw new DeckleError('internal', `cannot find out who may enter ${folder}: ${errors}`)
  return code === 0
}

/** In the folder where the path is short enough, else in one of our own among the temporary files. */
async function socketFolder(folder: string, identity: Identity): Promise<string> {
  const inside = join(folder, 'run')
  if (Buffer.byteLength(inside) <= longestFolder) return privateFolder(inside, identity)
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  const outside = join(await realpath(tmpdir()), `deckle-${hash}`)
  if (Buffer.byteLength(outside) <= longestFolder) return privateFolder(outside, identity)
  throw new DeckleError(
    'invalid',
    `${folder} and ${tmpdir()} are too long for a unix socket; choose a shorter DECKLE_DATA_DIR`,
  )
}

/** A folder for the server alone. One that somebody else has put there is refused. */
async function privateFolder(path: string, identity: Identity): Promise<string> {
  await mkdir(path, { mode: 0o700 }).catch(ignoreExisting)
  const found = await lstat(path)
  if (found.isDirectory() && found.uid === process.getuid?.()) {
    await chmod(path, 0o700)
    await giveTo(path, identity)
    return path
  }
  if (found.isDirectory() && found.uid === identity.uid && (found.mode & 0o077) === 0) return path
  throw new DeckleError('invalid', `${path} belongs to another user; remove it or choose another DECKLE_DATA_DIR`)
}

/** Makes the server's user the owner. */
export async function giveTo(path: string, identity: Identity): Promise<void> {
  if (identity.uid !== undefined && identity.gid !== undefined) await chown(path, identity.uid, identity.gid)
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

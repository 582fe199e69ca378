import { invalid } from '../../core/errors.ts'
import { type Identity, runProgram } from './run-program.ts'

/**
 * PostgreSQL refuses to run as root, and every user it runs under must have an entry in the user database ("could not look
 * up effective user ID", tried). So root gives it to `user`, by default `nobody`; anybody else runs it under themselves.
 */
export async function serverIdentity(user: string | undefined): Promise<Identity> {
  if (process.getuid?.() === 0) return identityOf(user ?? 'nobody')
  const own = await ownName()
  if (user === undefined || user === own) return {}
  throw invalid(`only root can run the embedded PostgreSQL as ${user}; this process runs as ${own}`)
}

async function identityOf(user: string): Promise<Identity> {
  const [uid, gid] = await Promise.all([id('-u', user), id('-g', user)])
  if (uid === undefined || gid === undefined) {
    throw invalid(`the user ${user}, under whom the embedded PostgreSQL is to run, does not exist. ${remedy}`)
  }
  if (uid === '0') throw invalid(`the embedded PostgreSQL cannot run as ${user}, which is root. ${remedy}`)
  return { uid: Number(uid), gid: Number(gid) }
}

async function ownName(): Promise<string> {
  const name = await id('-un')
  if (name !== undefined) return name
  const uid = process.getuid?.()
  throw invalid(`user id ${uid} has no entry in the user database, which the embedded PostgreSQL needs. ${remedy}`)
}

const remedy = 'Create one (`adduser --system deckle`) or use another server by DECKLE_DATABASE_URL'

/** Asks `id`, which knows users of directories as well as those of /etc/passwd. */
async function id(...args: string[]): Promise<string | undefined> {
  const { code, output } = await runProgram('id', args)
  return code === 0 ? output.trim() : undefined
}

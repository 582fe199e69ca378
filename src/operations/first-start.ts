import { randomBytes } from 'node:crypto'
import { sha256Hex } from '../core/digest.ts'
import { superUsers, type UserStore } from '../core/user.ts'
import { hashPassword, verifyPassword } from './passwords.ts'

/** Small files that only the owner may read. */
export interface SecretFiles {
  /** Writes the secret unless the file is there already; returns what it holds, the same to all who ask at once. */
  keep(name: string, secret: string): Promise<string>
  remove(name: string): Promise<void>
}

export const adminPasswordFile = 'admin-password'
export const localTokenFile = 'cli-token'

const admin = 'admin'

/**
 * Sees to it that somebody can log in: the user admin with the given password, or with a generated one while there is no
 * super-user, so a deleted admin stays deleted once somebody else is one.
 * Returns the password if it was generated now, by this of all processes that start at once. There is no default password (DESIGN §5).
 */
export async function ensureAdmin(
  users: UserStore,
  secrets: SecretFiles,
  wanted: string | undefined,
): Promise<string | undefined> {
  const found = await users.find(admin)
  if (wanted !== undefined) {
    if (found === undefined || !(await fits(wanted, found.passwordHash))) await putAdmin(users, wanted)
    return undefined
  }
  if (found !== undefined || (await users.list(superUsers)).length > 0) return undefined
  // The file comes first: a crash between the two leaves a password that the next start takes up.
  const password = await secrets.keep(adminPasswordFile, randomBytes(15).toString('base64url'))
  const passwordHash = await hashPassword(password)
  if (await users.add({ login: admin, name: admin, passwordHash, roles: [superUsers] })) return password
  await forgetUnlessRight(users, secrets, password)
  return undefined
}

/** Another process was faster. Where it keeps its files elsewhere, ours would name a password that nobody has. */
async function forgetUnlessRight(users: UserStore, secrets: SecretFiles, password: string): Promise<void> {
  const found = await users.find(admin)
  if (found === undefined || (await fits(password, found.passwordHash))) return
  await secrets.remove(adminPasswordFile)
}

/** The token that the command line on this machine finds in the data folder; made once. */
export async function ensureLocalToken(users: UserStore, secrets: SecretFiles): Promise<string> {
  const token = await secrets.keep(localTokenFile, `deckle-${randomBytes(32).toString('base64url')}`)
  await users.addToken(admin, 'local command line', sha256Hex(token))
  return token
}

async function fits(password: string, hash: string | null): Promise<boolean> {
  return hash !== null && verifyPassword(password, hash)
}

async function putAdmin(users: UserStore, password: string): Promise<void> {
  const passwordHash = await hashPassword(password)
  await users.put({ login: admin, name: admin, passwordHash, roles: [superUsers] })
}

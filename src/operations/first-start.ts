import { randomBytes } from 'node:crypto'
import { sha256Hex } from '../core/digest.ts'
import { superUsers, type UserStore } from '../core/user.ts'
import { hashPassword, verifyPassword } from './passwords.ts'

/** Small files that only the owner may read. */
export interface SecretFiles {
  read(name: string): Promise<string | undefined>
  write(name: string, secret: string): Promise<void>
}

export const adminPasswordFile = 'admin-password'
export const localTokenFile = 'cli-token'

const admin = 'admin'

/**
 * Sees to it that somebody can log in: the user admin with the given password, or with a generated one at the very first start.
 * Returns the password if it was generated now. There is no default password (DESIGN §5).
 */
export async function ensureAdmin(
  users: UserStore,
  secrets: SecretFiles,
  wanted: string | undefined,
): Promise<string | undefined> {
  const found = await users.find(admin)
  if (wanted !== undefined) {
    if (found === undefined || !(await verifyPassword(wanted, found.passwordHash))) await putAdmin(users, wanted)
    return undefined
  }
  if (found !== undefined) return undefined
  // The file comes first: a crash between the two leaves a password that the next start takes up.
  const password = (await secrets.read(adminPasswordFile)) ?? randomBytes(15).toString('base64url')
  await secrets.write(adminPasswordFile, password)
  await putAdmin(users, password)
  return password
}

/** The token that the command line on this machine finds in the data folder; made once. */
export async function ensureLocalToken(users: UserStore, secrets: SecretFiles): Promise<string> {
  const token = (await secrets.read(localTokenFile)) ?? `deckle-${randomBytes(32).toString('base64url')}`
  await secrets.write(localTokenFile, token)
  await users.addToken(admin, 'local command line', sha256Hex(token))
  return token
}

async function putAdmin(users: UserStore, password: string): Promise<void> {
  const passwordHash = await hashPassword(password)
  await users.put({ login: admin, name: admin, passwordHash, roles: [superUsers] })
}

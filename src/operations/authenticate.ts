import { BoundedCache } from '../core/bounded-cache.ts'
import { sha256Hex } from '../core/digest.ts'
import { DeckleError } from '../core/errors.ts'
import type { User, UserStore } from '../core/user.ts'
import { nobodysHash, verifyPassword } from './passwords.ts'

const rememberedProofs = 1_000
/** Password checks side by side; each takes 32 MiB and a core. */
const checksAtOnce = 2

/**
 * Finds out who is calling. Users are looked up each time, so one that was deleted or changed is so at once, in every process.
 * Passwords are slow on purpose, so it is remembered, by hashes only, which credentials fitted which password hash.
 */
export class Authenticator {
  readonly #users: UserStore
  /** sha256 of credentials → the password hash that they fitted. */
  readonly #proven = new BoundedCache<string>(rememberedProofs)
  readonly #waiting: (() => void)[] = []
  #checking = 0

  constructor(users: UserStore) {
    this.#users = users
  }

  /** The user behind an `Authorization` header (Basic or Bearer). Throws kind `unauthenticated`. */
  async authenticate(header: string | undefined): Promise<User> {
    if (header === undefined) throw unauthenticated('authentication_failed', 'Authentication failed: no credentials')
    // A trailing ", Basic" is tolerated (pulp2-api §1.5).
    const [scheme = '', credentials = ''] = header.split(',', 1)[0]?.trim().split(/\s+/) ?? []
    if (scheme.toLowerCase() === 'bearer') return this.#checkToken(credentials)
    if (scheme.toLowerCase() === 'basic') return this.#checkPassword(Buffer.from(credentials, 'base64').toString())
    throw unauthenticated('authentication_failed', `Authentication failed: the scheme ${scheme} is not known`)
  }

  async #checkToken(token: string): Promise<User> {
    const user = await this.#users.findByToken(sha256Hex(token))
    if (user === undefined) throw unauthenticated('authentication_failed', 'Authentication failed: unknown token')
    return user
  }

  async #checkPassword(credentials: string): Promise<User> {
    const colon = credentials.indexOf(':')
    const login = colon < 0 ? credentials : credentials.slice(0, colon)
    const password = colon < 0 ? '' : credentials.slice(colon + 1)
    // No login has one, and a database that is asked for a NUL fails (RFC 7617 §2).
    const found = login.includes('\0') ? undefined : await this.#users.find(login)
    const fits = await this.#fits(credentials, password, found?.passwordHash ?? nobodysHash)
    if (found === undefined || found.passwordHash === null || !fits) {
      throw unauthenticated('invalid_username_or_password', 'Authentication failed: wrong user name or password', login)
    }
    const { passwordHash: _, ...user } = found
    return user
  }

  async #fits(credentials: string, password: string, hash: string): Promise<boolean> {
    const proof = sha256Hex(credentials)
    if (this.#proven.get(proof) === hash) return true
    const fits = await this.#oneOfFew(() => verifyPassword(password, hash))
    if (fits) this.#proven.set(proof, hash, 1)
    return fits
  }

  async #oneOfFew<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#checking >= checksAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#checking += 1
    try {
      return await work()
    } finally {
      this.#checking -= 1
      this.#waiting.shift()?.()
    }
  }
}

function unauthenticated(code: string, message: string, login?: string): DeckleError {
  return new DeckleError('unauthenticated', message, { code, ...(login !== undefined && { data: { user: login } }) })
}

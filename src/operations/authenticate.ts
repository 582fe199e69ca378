import { sha256Hex } from '../core/digest.ts'
import { DeckleError } from '../core/errors.ts'
import type { User, UserStore } from '../core/user.ts'
import { nobodysHash, verifyPassword } from './passwords.ts'

/** How long a proof is believed without asking again. */
const rememberMs = 60_000
const rememberedProofs = 1_000
/** Password checks side by side; each takes 32 MiB and a core. */
const checksAtOnce = 2

/** Finds out who is calling. Passwords are slow on purpose, so a proof that held is remembered for a minute, by its hash only. */
export class Authenticator {
  readonly #users: UserStore
  readonly #proven = new Map<string, { readonly user: User; readonly until: number }>()
  readonly #waiting: (() => void)[] = []
  #checking = 0

  constructor(users: UserStore) {
    this.#users = users
  }

  /** The user behind an `Authorization` header (Basic or Bearer). Throws kind `unauthenticated`. */
  async authenticate(header: string | undefined): Promise<User> {
    if (header === undefined) throw unauthenticated('authentication_failed', 'Authentication failed: no credentials')
    const proof = sha256Hex(header)
    const known = this.#proven.get(proof)
    if (known !== undefined && known.until > Date.now()) return known.user
    const user = await this.#check(header)
    this.#remember(proof, user)
    return user
  }

  async #check(header: string): Promise<User> {
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
    const found = await this.#users.find(login)
    const right = await this.#oneOfFew(() => verifyPassword(password, found?.passwordHash ?? nobodysHash))
    if (found === undefined || !right) {
      throw unauthenticated('invalid_username_or_password', 'Authentication failed: wrong user name or password', login)
    }
    const { passwordHash: _, ...user } = found
    return user
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

  #remember(proof: string, user: User): void {
    if (this.#proven.size >= rememberedProofs) this.#proven.delete(this.#proven.keys().next().value ?? '')
    this.#proven.set(proof, { user, until: Date.now() + rememberMs })
  }
}

function unauthenticated(code: string, message: string, login?: string): DeckleError {
  return new DeckleError('unauthenticated', message, { code, ...(login !== undefined && { data: { user: login } }) })
}

import { type DeckleError, invalid } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/json.ts'

/** What this server's notifiers can do. */
export interface NotifierRules {
  /** There is a mail server. */
  readonly mail: boolean
  /** Why nobody may be told at a host that is written as an address; undefined if he may, and for names. */
  refusal(hostname: string): string | undefined
}

/** Members of the config that are never shown. */
export const notifierSecrets: readonly string[] = ['password']

/** Throws kind `invalid` with `notifier_type_id` or `notifier_config`. Members that mean nothing are kept. */
export function requireNotifier(rules: NotifierRules, type: string, config: JsonObject): void {
  if (type !== 'http' && type !== 'email') {
    throw invalid(`notifier_type_id ${type} is not offered: use http or email`, ['notifier_type_id'])
  }
  if (type === 'email' && !rules.mail) {
    throw invalid('notifier_type_id email needs a mail server: set DECKLE_SMTP_URL', ['notifier_type_id'])
  }
  if (type === 'http') requireHttp(rules, config)
  else requireMail(config)
}

/** One without an address is legal and tells nobody, as on real servers. */
function requireHttp({ refusal }: NotifierRules, { url, username, password }: JsonObject): void {
  if (![username, password].every(isTextOrAbsent)) throw wrong('username and password must be strings')
  if (url === undefined) return
  const parsed = typeof url === 'string' ? URL.parse(url) : null
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) throw wrong('url must be an http(s) address')
  const refused = refusal(parsed.hostname)
  if (refused !== undefined) throw wrong(refused)
}

const address = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/

function requireMail({ subject, addresses }: JsonObject): void {
  if (!isTextOrAbsent(subject)) throw wrong('subject must be a string')
  if (addresses === undefined) return
  const isGood = (one: Json) => typeof one === 'string' && address.test(one)
  if (!Array.isArray(addresses) || !addresses.every(isGood)) throw wrong('addresses must be a list of mail addresses')
}

function isTextOrAbsent(value: Json | undefined): boolean {
  return value === undefined || typeof value === 'string'
}

function wrong(message: string): DeckleError {
  return invalid(`notifier_config: ${message}`, ['notifier_config'])
}

import type { Json, JsonObject } from './json.ts'

/** What is printed in place of a secret: always the same length (pulp2-api §0.5). */
export const mask = '*****'

/** The part of a URL before `@host`, also inside a longer text. A password may hold an `@` itself. */
const urlCredentials = /([a-z][a-z0-9+.-]*:\/\/)([^/?#\s]*)@/gi

const privateKey = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|$)/gs

/** A text with all private keys in PEM form masked; certificates beside them stay. */
function maskPrivateKeys(text: string): string {
  return text.replace(privateKey, (_all, kind: string) => `-----BEGIN ${kind}-----\n${mask}\n-----END ${kind}-----`)
}

/** A text with the credentials of all URLs in it masked: the password, or the user name that stands alone (a token). */
export function maskUrlPasswords(text: string): string {
  return text.replace(urlCredentials, (_all, scheme: string, credentials: string) => {
    const colon = credentials.indexOf(':')
    return `${scheme}${colon === -1 ? '' : credentials.slice(0, colon + 1)}${mask}@`
  })
}

/** A config as it may be shown: members named in `secrets`, passwords inside URLs and private keys are masked. */
export function maskSecrets(config: JsonObject, secrets: readonly string[]): JsonObject {
  return mapMembers(config, (key, value) => maskMember(key, value, secrets))
}

/** A config that came back from somebody who was shown `stored`: what still is its mask means *unchanged* (DESIGN §5). */
export function unmaskSecrets(sent: JsonObject, stored: JsonObject, secrets: readonly string[]): JsonObject {
  return mapMembers(sent, (key, value) => {
    const original = stored[key]
    if (original === undefined || typeof value !== 'string') return value
    return maskMember(key, original, secrets) === value ? original : value
  })
}

function maskMember(key: string, value: Json, secrets: readonly string[]): Json {
  if (value !== null && secrets.includes(key)) return mask
  return typeof value === 'string' ? maskPrivateKeys(maskUrlPasswords(value)) : value
}

function mapMembers(object: JsonObject, change: (key: string, value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]))
}

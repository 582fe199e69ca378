import { invalid } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json.ts'
import type { RegistrationRequest } from '../../wire/agent/registration.ts'

/** Throws kind `invalid` for a request of another form. */
export function readRegistration(text: string): RegistrationRequest {
  const fields = parsed(text)
  if (!isJsonObject(fields)) throw invalid('The body must be a JSON object')
  const { labels = {}, name } = fields
  if (!isJsonObject(labels) || Object.values(labels).some((value) => typeof value !== 'string')) {
    throw invalid('labels must be an object of texts', ['labels'])
  }
  return {
    token: required(fields['token'], 'token', 1024),
    identity: required(fields['identity'], 'identity', 64),
    hostname: required(fields['hostname'], 'hostname', 255),
    ...(name !== undefined && { name: required(name, 'name', 255) }),
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])),
  }
}

function required(value: unknown, field: string, longest: number): string {
  if (typeof value === 'string' && value !== '' && value.length <= longest && !value.includes('\0')) return value
  throw invalid(`${field} must be a text of 1 to ${longest} characters`, [field])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { DeckleError } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json.ts'
import type { RegistrationAnswer, RegistrationRequest } from '../../wire/agent/registration.ts'
import { fetchText, type TextAnswer } from '../fetch-text.ts'
import { messageOf } from '../message-of.ts'
import { parsedJson } from '../read-whole.ts'
import type { ServerAddress } from './server-address.ts'

const answerWithinMs = 30_000

/** Throws kind `forbidden` when the server refuses the token, `upstream` for what may pass. */
export async function register(server: ServerAddress, request: RegistrationRequest): Promise<RegistrationAnswer> {
  const { url } = server
  const { status, text } = await send(server, JSON.stringify(request))
  const answer = parsedJson(text)
  if (status >= 200 && status < 300) return readAnswer(answer)
  const said = isJsonObject(answer) && typeof answer['message'] === 'string' ? `: ${answer['message']}` : ''
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429
  throw new DeckleError(isFinal ? 'forbidden' : 'upstream', `${url} refused to register this host (${status})${said}`)
}

async function send({ url, ca, userAgent }: ServerAddress, body: string): Promise<TextAnswer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': userAgent }
  const signal = AbortSignal.timeout(answerWithinMs)
  try {
    return await fetchText(new URL(`${url}/agent/register`), { method: 'POST', headers, body, ca, signal })
  } catch (cause) {
    throw new DeckleError('upstream', `${url} cannot be reached: ${messageOf(cause)}`, {}, { cause })
  }
}

function readAnswer(answer: unknown): RegistrationAnswer {
  const { host, accessKey, secretKey } = isJsonObject(answer) ? answer : {}
  if (typeof host === 'string' && typeof accessKey === 'string' && typeof secretKey === 'string') {
    return { host, accessKey, secretKey }
  }
  throw new DeckleError('upstream', 'The server answered the registration in a form that this agent does not know')
}

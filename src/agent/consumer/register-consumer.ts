import { DeckleError } from '../../core/errors.ts'
import { isJsonObject } from '../../core/json.ts'
import { fetchText, type TextAnswer } from '../fetch-text.ts'
import { messageOf } from '../message-of.ts'
import { parsedJson } from '../read-whole.ts'
import type { ServerAddress } from '../server/server-address.ts'

const answerWithinMs = 60_000

/** Registers a consumer (pulp2-api §15) and returns its key and certificate, PEM. Throws kind `forbidden`, or `upstream` for what may pass. */
export async function registerConsumer(server: ServerAddress, id: string, authorization: string): Promise<string> {
  const { status, text } = await send(server, JSON.stringify({ id }), authorization)
  const answer = parsedJson(text)
  const pem = isJsonObject(answer) ? answer['certificate'] : undefined
  if (status === 201 && typeof pem === 'string') return pem
  if (status === 409) {
    throw new DeckleError(
      'forbidden',
      `Consumer ${id} is registered at ${server.url} already: start its agent with --certificate, or delete it there`,
    )
  }
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429
  const message = `${server.url} refused to register consumer ${id} (${status})${said(answer)}`
  throw new DeckleError(isFinal ? 'forbidden' : 'upstream', message)
}

function said(answer: unknown): string {
  if (!isJsonObject(answer)) return ''
  const { error, error_message: message } = answer
  const text = isJsonObject(error) ? error['description'] : message
  return typeof text === 'string' ? `: ${text}` : ''
}

async function send({ url, ca, userAgent }: ServerAddress, body: string, authorization: string): Promise<TextAnswer> {
  const fixed = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': userAgent }
  const request = { method: 'POST', headers: { ...fixed, authorization }, body, ca } as const
  try {
    const signal = AbortSignal.timeout(answerWithinMs)
    return await fetchText(new URL(`${url}/pulp/api/v2/consumers/`), { ...request, signal })
  } catch (cause) {
    throw new DeckleError('upstream', `${url} cannot be reached: ${messageOf(cause)}`, {}, { cause })
  }
}

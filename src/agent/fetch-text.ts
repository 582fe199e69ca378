import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { readWhole } from './read-whole.ts'

export interface TextRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM of all authorities to trust; node's own list when absent. */
  readonly ca?: readonly string[] | undefined
  readonly signal: AbortSignal
}

export interface TextAnswer {
  readonly status: number
  readonly challenge: string
  readonly text: string
}

const longestAnswer = 4 * 1024 * 1024

/** One HTTP exchange, redirects not followed. Node's own client: `fetch` would take a quarter of the memory that the agent has. */
export async function fetchText(url: URL, { body, ca, signal, ...options }: TextRequest): Promise<TextAnswer> {
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, ...options, signal, ...(ca === undefined ? {} : { ca: [...ca] }) })
    call.on('error', reject)
    call.on('response', (answer) => {
      const challenge = answer.headers['www-authenticate'] ?? ''
      readWhole(answer, longestAnswer).then(
        (text) => resolve({ status: answer.statusCode ?? 0, challenge, text }),
        reject,
      )
    })
    call.end(body)
  })
}

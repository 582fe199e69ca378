import { Agent, request } from 'node:http'

export interface Question {
  readonly path: string
  /** Makes it a POST. */
  readonly body?: unknown
}

/** In milliseconds. */
export interface Latencies {
  readonly p50: number
  readonly p99: number
}

const warmUp = 200

/** Asks `count` questions over kept connections, `atOnce` at a time; every one must be answered with 200. */
export async function measureLatencies(
  base: string,
  headers: Readonly<Record<string, string>>,
  question: (index: number) => Question,
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const times: number[] = []
  let next = -warmUp
  const askInTurn = async () => {
    for (let index = next++; index < count; index = next++) {
      const took = await ask(agent, base, headers, question(Math.abs(index)))
      if (index >= 0) times.push(took)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, askInTurn))
  agent.destroy()
  const sorted = times.toSorted((left, right) => left - right)
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }
}

/** From the request until the whole answer is there. */
function ask(agent: Agent, base: string, headers: Readonly<Record<string, string>>, { path, body }: Question) {
  const begun = performance.now()
  const text = body === undefined ? undefined : JSON.stringify(body)
  const method = text === undefined ? 'GET' : 'POST'
  return new Promise<number>((resolve, reject) => {
    const sent = request(`${base}${path}`, { agent, method, headers }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - begun)
        else reject(new Error(`${method} ${path} was answered with ${response.statusCode}`))
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

function percentile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

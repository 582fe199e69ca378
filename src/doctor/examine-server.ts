import { isJsonObject } from '../core/json.ts'
import type { Config } from '../server/config.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const patienceMs = 5_000

/** Whether a server runs and is ready: the one of DECKLE_URL, else the one that these settings would start. */
export async function* examineServer(config: Config, environment: NodeJS.ProcessEnv): AsyncGenerator<Finding> {
  const asked = environment['DECKLE_URL'] || undefined
  const address = asked ?? `http://${config.httpHost}:${config.httpPort}`
  if (!URL.canParse(address)) return yield problem('server', 'DECKLE_URL is no address', 'set it to http://host:port')
  const { origin } = new URL(address)
  try {
    yield await askReadiness(origin)
  } catch {
    const message = `no server answers at ${origin}`
    if (asked === undefined) yield warning('server', message, 'start one, or set DECKLE_URL')
    else yield problem('server', message, 'start it, or correct DECKLE_URL')
  }
}

async function askReadiness(origin: string): Promise<Finding> {
  const response = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(patienceMs), redirect: 'manual' })
  const text = await response.text()
  if (response.status === 200) return ok('server', `is ready at ${origin}`)
  const failing = failingChecks(text)
  const message = failing === '' ? `${origin}/readyz answers ${response.status}` : `${origin} is not ready: ${failing}`
  return problem('server', message, 'its log tells why')
}

function failingChecks(text: string): string {
  let report: unknown
  try {
    report = JSON.parse(text)
  } catch {
    return ''
  }
  const checks = isJsonObject(report) && isJsonObject(report['checks']) ? report['checks'] : {}
  const failing = Object.entries(checks).filter(([, answer]) => answer !== 'ok')
  return failing.map(([name, answer]) => `${name}: ${String(answer)}`).join(', ')
}

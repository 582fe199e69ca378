import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readCertificates } from '../certificates/read-certificates.ts'
import { tlsFolder } from '../server/authority.ts'
import type { Config } from '../server/config.ts'
import { isTlsOn, tlsFiles } from '../server/tls/open-tls.ts'
import { tlsIdentity } from '../server/tls/tls-identity.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const dayMs = 24 * 3600 * 1000
/** So many days before its end there is still time to get another certificate. */
const early = 30

/** Whether the certificates of the settings can be used, and for how long. */
export async function* examineTls(config: Config, now = new Date()): AsyncGenerator<Finding> {
  if (!isTlsOn(config)) return
  const isGiven = config.tlsCert.length > 0
  for (const { certificate, key } of tlsFiles(config)) {
    yield await examineIdentity(certificate, key, isGiven, now)
    yield* examineKey(key)
  }
  yield await examineAuthorities('authority', join(tlsFolder(config), 'ca.pem'), now)
  if (config.tlsClientCa !== undefined) yield await examineAuthorities('client authorities', config.tlsClientCa, now)
}

async function examineIdentity(path: string, key: string, isGiven: boolean, now: Date): Promise<Finding> {
  const check = 'TLS certificate'
  const remedy = isGiven
    ? 'replace the files; a running server takes them up'
    : 'remove it; the next start makes another'
  try {
    const pair = { certificate: await readFile(path, 'utf8'), key: await readFile(key, 'utf8') }
    return examineEnd(check, path, tlsIdentity(pair).leaf.validToDate, now, remedy)
  } catch (error) {
    if (!isGiven && isMissing(error)) return ok(check, 'the first start makes it')
    return problem(check, `${path} cannot be used: ${reasonOf(error)}`, remedy)
  }
}

async function* examineKey(path: string): AsyncGenerator<Finding> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || (found.mode & 0o007) === 0) return
  yield warning('TLS key', `${path} can be read by everybody`, `chmod o-rwx ${path}`)
}

async function examineAuthorities(check: string, path: string, now: Date): Promise<Finding> {
  const name = `TLS ${check}`
  try {
    const ends = readCertificates(await readFile(path, 'utf8')).map((one) => one.validToDate)
    const [first = now] = ends.toSorted((one, other) => one.getTime() - other.getTime())
    return examineEnd(name, path, first, now, 'put one that is valid for longer beside it')
  } catch (error) {
    if (check === 'authority' && isMissing(error)) return ok(name, 'the first start makes it')
    return problem(name, `${path} cannot be used: ${reasonOf(error)}`, 'correct DECKLE_TLS_CLIENT_CA')
  }
}

function examineEnd(check: string, path: string, end: Date, now: Date, remedy: string): Finding {
  const days = Math.floor((end.getTime() - now.getTime()) / dayMs)
  const date = end.toISOString().slice(0, 10)
  if (days < 0) return problem(check, `${path} has ended on ${date}`, remedy)
  if (days < early) return warning(check, `${path} ends on ${date}, in ${days} days`, remedy)
  return ok(check, `${path} is valid until ${date}`)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

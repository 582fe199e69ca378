import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs of others that tests talk to, with the Debian package that brings each. */
export const clients = {
  'ansible-playbook': 'ansible',
  applydeltarpm: 'deltarpm',
  createrepo_c: 'createrepo-c',
  curl: 'curl',
  dnf: 'dnf',
  docker: 'docker.io',
  'docker-registry': 'docker-registry',
  dockerd: 'docker.io',
  gpg: 'gnupg',
  htpasswd: 'apache2-utils',
  makedeltarpm: 'deltarpm',
  modifyrepo_c: 'createrepo-c',
  nginx: 'nginx',
  pgbouncer: 'pgbouncer',
  podman: 'podman',
  python3: 'python3',
  rpm: 'rpm',
  rpmbuild: 'rpm',
  skopeo: 'skopeo',
  sqliterepo_c: 'createrepo-c',
  strace: 'strace',
  xorriso: 'xorriso',
  zypper: 'zypper',
} as const

export type ClientName = keyof typeof clients

/**
 * Options for a test that needs these programs: skipped with a reason where one is missing, unless DECKLE_REQUIRE_CLIENTS=1
 * says that all must be there; then it throws.
 */
export function requireClient(...names: ClientName[]): { skip?: string } {
  const missing = missingClients(names)
  if (missing.length === 0) return {}
  const reason = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed`
  if (process.env['DECKLE_REQUIRE_CLIENTS'] === '1') throw new Error(`DECKLE_REQUIRE_CLIENTS=1, but ${reason}`)
  return { skip: reason }
}

/** The path to start a program by. zypper may lie outside of the PATH (DECKLE_ZYPPER), since Debian's conflicts with dnf's plugins. */
export function clientPath(name: ClientName): string {
  const path = find(name)
  if (path === undefined) throw new Error(`${name} is not installed; the Debian package is ${clients[name]}`)
  return path
}

export function missingClients(names: readonly ClientName[]): ClientName[] {
  return names.filter((name) => find(name) === undefined)
}

function find(name: ClientName): string | undefined {
  const given = name === 'zypper' ? process.env['DECKLE_ZYPPER'] : undefined
  // Servers lie in sbin, which users other than root often do not have on their PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const candidates = [...(given === undefined ? [] : [given]), ...folders.map((folder) => join(folder, name))]
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

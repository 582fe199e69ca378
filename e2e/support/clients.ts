import { type ClientName, requireClient } from '../../src/testing/clients.ts'

/** Options for a test that needs these programs. dnf and zypper install below a folder only for root, engines start only for root. */
export function requireClients(...names: ClientName[]): { skip?: string } {
  const installs = names.includes('dnf') || names.includes('zypper')
  if (installs && process.getuid?.() !== 0) return { skip: 'dnf and zypper install below a folder only for root' }
  const runs = names.includes('dockerd') || names.includes('podman')
  if (runs && process.getuid?.() !== 0) return { skip: 'container engines of a test start only for root' }
  return requireClient(...names)
}

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from './package-root.ts'

/**
 * Where Deckle keeps everything when DECKLE_DATA_DIR says nothing: `var` of the clone; installed as a package, the system's state
 * folder for root and the user's (XDG Base Directory Specification) for others. Server and command line agree on it.
 */
export function defaultDataFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  if (existsSync(join(packageRoot(), 'src'))) return join(packageRoot(), 'var')
  if (process.getuid?.() === 0) return '/var/lib/deckle'
  return join(environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'deckle')
}

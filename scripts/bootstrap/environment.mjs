import { delimiter, dirname } from 'node:path'

/** Our environment with `node` first on the PATH, so that `#!/usr/bin/env node` of tools finds the same one. */
export function environmentFor(node, extra = {}) {
  const PATH = [dirname(node), process.env.PATH ?? ''].join(delimiter)
  return { ...process.env, PATH, ...extra }
}

/**
 * The same for Deckle itself. By default glibc gives each thread memory of its own, and what one has given back the others cannot use: 8 MB
 * of a server that does nothing.
 */
export function environmentForProgram(node, extra = {}) {
  return environmentFor(node, { MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '1', ...extra })
}

import { delimiter, dirname } from 'node:path'

/** Our environment with `node` first on the PATH, so that `#!/usr/bin/env node` of tools finds the same one. */
export function environmentFor(node, extra = {}) {
  const PATH = [dirname(node), process.env.PATH ?? ''].join(delimiter)
  return { ...process.env, PATH, ...extra }
}

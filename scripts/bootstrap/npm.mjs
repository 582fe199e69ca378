import { basename } from 'node:path'
import { runQuietly } from './run.mjs'
import { BootstrapError } from './say.mjs'

/**
 * Flags, since an outer npm passes its own settings on in the environment. No package that Deckle uses needs an install
 * script (docs/decisions/node-runtime.md).
 */
const flags = [
  'ci',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-dry-run',
  '--no-global',
  '--include=dev',
  '--include=optional',
  '--loglevel=error',
]

/** Installs exactly what the lock file in `folder` says. */
export async function npmCi(folder) {
  const [command, ...first] = npmCommand()
  try {
    await runQuietly(`npm ci in ${folder}`, command, [...first, ...flags], { cwd: folder, env: process.env })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    throw new BootstrapError('npm is needed to install what Deckle runs on, and it is not on the PATH: install npm')
  }
}

/** The npm that runs us, if one does; otherwise the one on the PATH. */
function npmCommand() {
  const script = process.env.npm_execpath
  return script !== undefined && basename(script) === 'npm-cli.js' ? [process.execPath, script] : ['npm']
}

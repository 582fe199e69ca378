import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { inRoot } from './places.mjs'

export const agentEntry = inRoot('src/agent/main.ts')

/**
 * On a host the file is no module and has `require`; here, below a package.json that says so, it is one. Where there is `require`,
 * `import()` is not touched: it would take 2 MB.
 */
const banner = `(typeof require === 'function'
  ? Promise.resolve({ createRequire: () => require })
  : import('node:module')
).then(({ createRequire }) => { const require = createRequire('/');`

/**
 * The agent as one file that runs by itself on any Node from 18 on, with its checksum beside it as sha256sum prints it.
 */
export async function bundleAgent(outfile) {
  await build({
    entryPoints: [agentEntry],
    outfile,
    absWorkingDir: inRoot(),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node18',
    // No search for the native modules that could make ws faster.
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    banner: { js: banner },
    footer: { js: '});' },
    minifySyntax: true,
    logLevel: 'warning',
  })
  const sha256 = createHash('sha256').update(readFileSync(outfile)).digest('hex')
  writeFileSync(`${outfile}.sha256`, `${sha256}  agent.js\n`)
}

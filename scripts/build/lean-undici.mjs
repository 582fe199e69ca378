import { inRoot } from '../bootstrap/places.mjs'

/** Where undici keeps what Deckle imports of it; an import of anything else fails the build. */
const parts = {
  Agent: 'dispatcher/agent.js',
  Pool: 'dispatcher/pool.js',
  ProxyAgent: 'dispatcher/proxy-agent.js',
  buildConnector: 'core/connect.js',
  errors: 'core/errors.js',
}

/** Files that are loaded without being used, and what stands in for them. */
const leftOut = [
  [
    /undici\/lib\/milo\/.*\.js$/,
    "throw new Error('this program has only the usual parser of undici: unset UNDICI_USE_MILO')",
  ],
  [
    /undici\/lib\/dispatcher\/client-h2\.js$/,
    "module.exports = () => { throw new Error('this program speaks no HTTP/2') }",
  ],
]

/**
 * Bundles the parts of undici that are used, instead of its index, which also loads fetch, WebSocket, caches and mocks: 2 MB of what a
 * worker slot holds; and neither its experimental parser nor HTTP/2, which all connections here refuse.
 * @type {import('esbuild').Plugin}
 */
export const leanUndici = {
  name: 'lean-undici',
  setup(build) {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'lean-undici' }))
    build.onLoad({ filter: /.*/, namespace: 'lean-undici' }, () => ({
      contents: exportsOfParts(),
      resolveDir: inRoot(),
    }))
    for (const [filter, contents] of leftOut) build.onLoad({ filter }, () => ({ contents }))
  },
}

function exportsOfParts() {
  const names = Object.entries(parts).map(([name, file]) => `export { default as ${name} } from 'undici/lib/${file}'`)
  return [...names, ...connectMethod].join('\n')
}

/** The index gives dispatchers their methods; of these the one for proxies calls `connect`. */
const connectMethod = [
  "import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'",
  "import connect from 'undici/lib/api/api-connect.js'",
  'Dispatcher.prototype.connect = connect',
]

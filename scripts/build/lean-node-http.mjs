/**
 * Takes `node:http` by `require`: when a module imports it, Node 24 looks at all that it exports, and one of these, WebSocket, loads the
 * `fetch` of Node itself, 14 MB that a server at rest has no use for.
 * @type {import('esbuild').Plugin}
 */
export const leanNodeHttp = {
  name: 'lean-node-http',
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'node:http', namespace: 'lean-node-http' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'lean-node-http' }, () => ({
      contents: "module.exports = require('node:http')",
    }))
  },
}

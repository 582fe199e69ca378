import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { build } from 'esbuild'
import { inRoot } from '../bootstrap/places.mjs'
import { leanNodeHttp } from './lean-node-http.mjs'
import { leanUndici } from './lean-undici.mjs'

const requires = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

/** What a program prints once it is bundled as Deckle is. */
async function run(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: inRoot() },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    banner: { js: requires },
    plugins: [leanNodeHttp, leanUndici],
  })
  const [{ text }] = outputFiles
  return {
    text,
    printed: execFileSync(process.execPath, ['--input-type=module', '-'], { input: text, encoding: 'utf8' }),
  }
}

test('a server that imports node:http does not load the fetch of Node with it', async () => {
  const loaded = "process.moduleLoadList.filter((name) => name.endsWith('/undici')).length"
  const { printed } = await run(`
    import { createServer, STATUS_CODES } from 'node:http'
    console.log(typeof createServer, STATUS_CODES[404], ${loaded})
  `)
  assert.equal(printed, 'function Not Found 0\n')
})

test('the parts of undici are those of its index, and nothing else comes with them', async () => {
  const { text, printed } = await run(`
    import { Agent, buildConnector, errors, Pool, ProxyAgent } from 'undici'
    console.log(typeof Pool.prototype.connect, Agent.name, buildConnector.name, new errors.BodyTimeoutError().code, Pool.name, ProxyAgent.name)
  `)
  assert.equal(printed, 'function Agent buildConnector UND_ERR_BODY_TIMEOUT Pool ProxyAgent\n')
  assert.doesNotMatch(text, /class (WebSocket|EventSource|MockAgent) /)
})
